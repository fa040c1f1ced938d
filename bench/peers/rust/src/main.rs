// The official Rust client; ../README.md has the contract.
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use futures::future::try_join_all;
use rmcp::model::{CallToolRequestParams, ProtocolVersion};
use rmcp::service::{ClientLifecycleMode, ClientServiceExt, RunningService};
use rmcp::transport::{StreamableHttpClientTransport, TokioChildProcess};
use rmcp::{RoleClient, ServiceExt};
use serde_json::json;
use tokio::process::Command;
use tokio::task::JoinSet;

type Client = RunningService<RoleClient, ()>;
type Failure = Box<dyn std::error::Error + Send + Sync>;

struct Cell {
    in_flight: usize,
    bytes: usize,
    calls: usize,
}

fn text_of(number: usize, bytes: usize) -> String {
    let mut text = number.to_string();
    text.extend(std::iter::repeat_n('x', bytes.saturating_sub(text.len())));
    text
}

async fn echo(client: &Client, text: String) -> Result<(), Failure> {
    let arguments = json!({ "text": text }).as_object().cloned().unwrap_or_default();
    let result = client.call_tool(CallToolRequestParams::new("echo").with_arguments(arguments)).await?;
    match result.content.first().and_then(|content| content.as_text()) {
        Some(content) if content.text == text => Ok(()),
        _ => Err("the answer is not the text that was sent".into()),
    }
}

fn peak_rss_kb() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or_default();
    line.split_whitespace().next().and_then(|kb| kb.parse().ok()).unwrap_or(0)
}

fn cpu_us() -> f64 {
    let mut used: libc::rusage = unsafe { std::mem::zeroed() };
    unsafe { libc::getrusage(libc::RUSAGE_SELF, &mut used) };
    let us = |time: libc::timeval| time.tv_sec as f64 * 1e6 + time.tv_usec as f64;
    us(used.ru_utime) + us(used.ru_stime)
}

fn us_since(start: Instant) -> f64 {
    start.elapsed().as_nanos() as f64 / 1000.0
}

/// The calls numbered from first to below end, by so many callers at a time; the time of each in us.
async fn calls(client: &Arc<Client>, cell: &Cell, first: usize, end: usize) -> Result<Vec<f64>, Failure> {
    let next = Arc::new(AtomicUsize::new(first));
    let mut callers = JoinSet::new();
    for _ in 0..cell.in_flight {
        let (client, next, bytes) = (client.clone(), next.clone(), cell.bytes);
        callers.spawn(async move {
            let mut times = Vec::new();
            loop {
                let mine = next.fetch_add(1, Ordering::Relaxed);
                if mine >= end {
                    return Ok::<_, Failure>(times);
                }
                let start = Instant::now();
                echo(&client, text_of(mine, bytes)).await?;
                times.push(us_since(start));
            }
        });
    }
    let mut times = Vec::with_capacity(end - first);
    while let Some(one) = callers.join_next().await {
        times.extend(one??);
    }
    Ok(times)
}

async fn measure(client: &Arc<Client>, cell: &Cell) -> Result<serde_json::Value, Failure> {
    let warm = (cell.calls / 4).clamp(1, 2000);
    calls(client, cell, 0, warm).await?;
    let (cpu, start) = (cpu_us(), Instant::now());
    let mut times = calls(client, cell, warm, warm + cell.calls).await?;
    let (wall, used) = (us_since(start), cpu_us() - cpu);
    times.sort_by(f64::total_cmp);
    let quantile = |part: f64| times[((part * times.len() as f64).ceil() as usize).max(1) - 1];
    Ok(json!({
        "in_flight": cell.in_flight,
        "bytes": cell.bytes,
        "calls": cell.calls,
        "cpu_us": used / cell.calls as f64,
        "wall_us": wall / cell.calls as f64,
        "p50_us": quantile(0.5),
        "p99_us": quantile(0.99),
        "p999_us": quantile(0.999),
        "rss_kb": peak_rss_kb(),
    }))
}

fn parse_cells(list: &str) -> Result<Vec<Cell>, Failure> {
    let one = |text: &str| -> Result<Cell, Failure> {
        let numbers = text.split(':').map(str::parse).collect::<Result<Vec<usize>, _>>()?;
        match numbers[..] {
            [in_flight, bytes, calls] => Ok(Cell { in_flight, bytes, calls }),
            _ => Err(format!("not IN_FLIGHT:BYTES:CALLS: {text}").into()),
        }
    };
    list.split(',').map(one).collect()
}

async fn connect_stdio(command: &[String]) -> Result<Client, Failure> {
    let mut process = Command::new(&command[0]);
    process.args(&command[1..]);
    Ok(().serve(TokioChildProcess::new(process)?).await?)
}

async fn connect_http_legacy(url: &str) -> Result<Client, Failure> {
    Ok(().serve(StreamableHttpClientTransport::from_uri(url)).await?)
}

async fn connect_http_modern(url: &str) -> Result<Client, Failure> {
    let lifecycle = ClientLifecycleMode::Discover { preferred_versions: vec![ProtocolVersion::V_2026_07_28] };
    Ok(().serve_with_lifecycle(StreamableHttpClientTransport::from_uri(url), lifecycle).await?)
}

async fn run_cells(client: Client, cells: &[Cell]) -> Result<(), Failure> {
    let client = Arc::new(client);
    echo(&client, text_of(0, 100)).await?;
    println!("first");
    for cell in cells {
        println!("{}", measure(&client, cell).await?);
    }
    Arc::into_inner(client).ok_or("somebody still holds the client")?.cancel().await?;
    Ok(())
}

async fn run_fleet(counts: &str, command: &[String]) -> Result<(), Failure> {
    for count in counts.split(',') {
        let servers: usize = count.parse()?;
        let (cpu, start) = (cpu_us(), Instant::now());
        let clients = try_join_all((0..servers).map(|_| async {
            let client = connect_stdio(command).await?;
            if client.list_tools(None).await?.tools.is_empty() {
                return Err::<Client, Failure>("a server without tools".into());
            }
            Ok(client)
        }))
        .await?;
        let (ms, cpu_ms) = (us_since(start) / 1000.0, (cpu_us() - cpu) / 1000.0);
        println!("{}", json!({ "servers": servers, "ms": ms, "cpu_ms": cpu_ms, "rss_kb": peak_rss_kb() }));
        try_join_all(clients.into_iter().map(Client::cancel)).await?;
    }
    Ok(())
}

async fn run(arguments: &[String]) -> Result<(), Failure> {
    let [mode, list, rest @ ..] = arguments else { return Err("arguments are missing".into()) };
    let rest = if rest.first().is_some_and(|word| word == "--") { &rest[1..] } else { rest };
    let target = rest.first().ok_or("arguments are missing")?;
    match mode.as_str() {
        "stdio" => run_cells(connect_stdio(rest).await?, &parse_cells(list)?).await,
        "http-legacy" => run_cells(connect_http_legacy(target).await?, &parse_cells(list)?).await,
        "http-modern" => run_cells(connect_http_modern(target).await?, &parse_cells(list)?).await,
        "fleet" => run_fleet(list, rest).await,
        _ => {
            eprintln!("no mode {mode}");
            std::process::exit(3)
        }
    }
}

#[tokio::main]
async fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let Err(failure) = run(&arguments).await {
        eprintln!("{failure}");
        std::process::exit(1);
    }
}
