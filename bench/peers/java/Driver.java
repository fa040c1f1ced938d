// The official Java client; ../README.md has the contract.
import com.sun.management.OperatingSystemMXBean;
import io.modelcontextprotocol.client.McpAsyncClient;
import io.modelcontextprotocol.client.McpClient;
import io.modelcontextprotocol.client.transport.HttpClientStreamableHttpTransport;
import io.modelcontextprotocol.client.transport.ServerParameters;
import io.modelcontextprotocol.client.transport.StdioClientTransport;
import io.modelcontextprotocol.json.McpJsonDefaults;
import io.modelcontextprotocol.spec.McpClientTransport;
import io.modelcontextprotocol.spec.McpSchema.CallToolRequest;
import io.modelcontextprotocol.spec.McpSchema.TextContent;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

public final class Driver {
    /** For a mode that the SDK cannot do. */
    private static final class CannotDo extends Exception {
        CannotDo(String why) {
            super(why);
        }
    }

    private record Cell(int inFlight, int bytes, int calls) {
        static Cell of(String text) {
            int[] numbers = Stream.of(text.split(":")).mapToInt(Integer::parseInt).toArray();
            return new Cell(numbers[0], numbers[1], numbers[2]);
        }
    }

    private static final OperatingSystemMXBean SYSTEM =
            (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();

    private static String textOf(int number, int bytes) {
        String digits = Integer.toString(number);
        return digits + "x".repeat(Math.max(0, bytes - digits.length()));
    }

    private static Mono<Void> echo(McpAsyncClient client, String text) {
        return client.callTool(CallToolRequest.builder("echo").arguments(Map.of("text", text)).build())
                .handle((result, sink) -> {
                    if (!(result.content().get(0) instanceof TextContent content) || !content.text().equals(text)) {
                        sink.error(new IllegalStateException("the answer is not the text that was sent"));
                    }
                });
    }

    private static long peakRssKb() throws IOException {
        for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
            if (line.startsWith("VmHWM:")) return Long.parseLong(line.replaceAll("[^0-9]", ""));
        }
        return 0;
    }

    /** The calls numbered from first to below end, so many at a time; the time of each in ns. */
    private static long[] calls(McpAsyncClient client, Cell cell, int first, int end) {
        long[] times = new long[end - first];
        Flux.range(first, end - first)
                .flatMap(mine -> Mono.defer(() -> {
                    long start = System.nanoTime();
                    return echo(client, textOf(mine, cell.bytes))
                            .doOnSuccess(nothing -> times[mine - first] = System.nanoTime() - start);
                }), cell.inFlight)
                .then()
                .block();
        return times;
    }

    private static double quantile(long[] sorted, double part) {
        return sorted[Math.max(0, (int) Math.ceil(part * sorted.length) - 1)] / 1000.0;
    }

    private static String measure(McpAsyncClient client, Cell cell) throws IOException {
        int warm = Math.max(1, Math.min(cell.calls / 4, 2000));
        calls(client, cell, 0, warm);
        long cpu = SYSTEM.getProcessCpuTime();
        long start = System.nanoTime();
        long[] times = calls(client, cell, warm, warm + cell.calls);
        long wall = System.nanoTime() - start;
        cpu = SYSTEM.getProcessCpuTime() - cpu;
        Arrays.sort(times);
        return String.format(Locale.ROOT,
                "{\"in_flight\":%d,\"bytes\":%d,\"calls\":%d,\"cpu_us\":%.3f,\"wall_us\":%.3f,"
                        + "\"p50_us\":%.3f,\"p99_us\":%.3f,\"p999_us\":%.3f,\"rss_kb\":%d}",
                cell.inFlight, cell.bytes, cell.calls, cpu / 1000.0 / cell.calls, wall / 1000.0 / cell.calls,
                quantile(times, 0.5), quantile(times, 0.99), quantile(times, 0.999), peakRssKb());
    }

    private static McpClientTransport stdio(List<String> command) {
        ServerParameters server =
                ServerParameters.builder(command.get(0)).args(command.subList(1, command.size())).build();
        return new StdioClientTransport(server, McpJsonDefaults.getMapper());
    }

    private static McpClientTransport http(URI url) {
        String base = url.getScheme() + "://" + url.getAuthority();
        return HttpClientStreamableHttpTransport.builder(base).endpoint(url.getPath()).build();
    }

    private static McpClientTransport transport(String mode, List<String> target) throws CannotDo {
        return switch (mode) {
            case "stdio" -> stdio(target);
            case "http-legacy" -> http(URI.create(target.get(0)));
            case "http-modern" -> throw new CannotDo("the Java SDK has no client of 2026-07-28");
            default -> throw new CannotDo("no mode " + mode);
        };
    }

    private static void run(String[] arguments) throws Exception {
        if (arguments.length < 3) throw new IllegalArgumentException("arguments are missing");
        int target = arguments[2].equals("--") ? 3 : 2;
        McpClientTransport transport =
                transport(arguments[0], List.of(arguments).subList(target, arguments.length));
        List<Cell> cells = Stream.of(arguments[1].split(",")).map(Cell::of).toList();
        McpAsyncClient client = McpClient.async(transport).build();
        client.initialize().block();
        echo(client, textOf(0, 100)).block();
        System.out.println("first");
        for (Cell cell : cells) System.out.println(measure(client, cell));
        client.closeGracefully().block();
    }

    public static void main(String[] arguments) {
        try {
            run(arguments);
            System.exit(0);
        } catch (CannotDo why) {
            System.err.println(why.getMessage());
            System.exit(3);
        } catch (Exception failure) {
            failure.printStackTrace();
            System.exit(1);
        }
    }
}
