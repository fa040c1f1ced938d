// What the drivers of the TypeScript SDKs share; bench/peers/README.md has the contract.
import { readFileSync } from 'node:fs';

/// Thrown by an SDK's own part for a mode that the SDK cannot do.
export class CannotDo extends Error {}

const text_of = (number, bytes) => String(number).padEnd(bytes, 'x');

async function echo(client, text) {
    const result = await client.callTool({ name: 'echo', arguments: { text } });
    if (result.content?.[0]?.text !== text) throw new Error('the answer is not the text that was sent');
}

function peak_rss_kb() {
    return Number(/VmHWM:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))[1]);
}

const cpu_us = () => {
    const used = process.cpuUsage();
    return used.user + used.system;
};

const now_us = () => Number(process.hrtime.bigint()) / 1000;

/// Calls numbered from first to below end, by so many callers at a time; the time of each in us.
async function calls(client, { in_flight, bytes }, first, end) {
    const times = new Float64Array(end - first);
    let next = first;
    const caller = async () => {
        while (next < end) {
            const mine = next++;
            const start = now_us();
            await echo(client, text_of(mine, bytes));
            times[mine - first] = now_us() - start;
        }
    };
    await Promise.all(Array.from({ length: in_flight }, caller));
    return times;
}

async function measure(client, cell) {
    const warm = Math.max(1, Math.floor(Math.min(cell.calls / 4, 2000)));
    await calls(client, cell, 0, warm);
    const cpu = cpu_us();
    const start = now_us();
    const times = await calls(client, cell, warm, warm + cell.calls);
    const wall = now_us() - start;
    const used = cpu_us() - cpu;
    times.sort();
    const quantile = part => times[Math.max(0, Math.ceil(part * times.length) - 1)];
    return {
        ...cell,
        cpu_us: used / cell.calls,
        wall_us: wall / cell.calls,
        p50_us: quantile(0.5),
        p99_us: quantile(0.99),
        p999_us: quantile(0.999),
        rss_kb: peak_rss_kb(),
    };
}

function parse_cells(list) {
    return list.split(',').map(text => {
        const [in_flight, bytes, calls] = text.split(':').map(Number);
        return { in_flight, bytes, calls };
    });
}

async function run_cells(client, cells) {
    await echo(client, text_of(0, 100));
    console.log('first');
    for (const cell of cells) console.log(JSON.stringify(await measure(client, cell)));
}

async function run_fleet(sdk, counts, command, args) {
    for (const servers of counts) {
        const cpu = cpu_us();
        const start = now_us();
        const connections = await Promise.all(
            Array.from({ length: servers }, async () => {
                const connection = await sdk.stdio(command, args);
                const { tools } = await connection.client.listTools();
                if (tools.length === 0) throw new Error('a server without tools');
                return connection;
            }),
        );
        const ms = (now_us() - start) / 1000;
        console.log(JSON.stringify({ servers, ms, cpu_ms: (cpu_us() - cpu) / 1000, rss_kb: peak_rss_kb() }));
        await Promise.all(connections.map(connection => connection.close()));
    }
}

async function run_one(connection, cells) {
    await run_cells(connection.client, cells);
    await connection.close();
}

async function main(sdk, [mode, list, ...rest]) {
    const [command, ...args] = rest[0] === '--' ? rest.slice(1) : rest;
    if (list === undefined || command === undefined) throw new Error('arguments are missing');
    if (mode === 'fleet') return run_fleet(sdk, list.split(',').map(Number), command, args);
    const cells = parse_cells(list);
    if (mode === 'stdio') return run_one(await sdk.stdio(command, args), cells);
    if (mode === 'http-legacy') return run_one(await sdk.http_legacy(command), cells);
    if (mode === 'http-modern') return run_one(await sdk.http_modern(command), cells);
    throw new CannotDo(`no mode ${mode}`);
}

/// sdk: stdio(command, args), http_legacy(url) and http_modern(url), each giving { client, close() }.
export async function drive(sdk) {
    try {
        await main(sdk, process.argv.slice(2));
        process.exit(0);
    } catch (error) {
        console.error(error instanceof CannotDo ? error.message : (error.stack ?? error));
        process.exit(error instanceof CannotDo ? 3 : 1);
    }
}
