// The official TypeScript client on the echo server of the HTTP rows.
//     node typescript.mjs URL CALLS IN_FLIGHT      prints: CPU us and wall us a call
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';

const [url, calls, inFlight] = [process.argv[2], Number(process.argv[3]), Number(process.argv[4])];
const client = new Client({ name: 'bench', version: '1' });
await client.connect(new StreamableHTTPClientTransport(new URL(url)));
const request = { name: 'echo', arguments: { text: 'x'.repeat(100) } };

async function run(count) {
    let left = count;
    const caller = async () => {
        while (left-- > 0) await client.callTool(request);
    };
    await Promise.all(Array.from({ length: inFlight }, caller));
}

await run(Math.ceil(calls / 4)); // warm up: the compiler's too
const cpu = process.cpuUsage();
const wall = process.hrtime.bigint();
await run(calls);
const used = process.cpuUsage(cpu);
console.log((used.user + used.system) / calls, Number(process.hrtime.bigint() - wall) / 1000 / calls);
await client.close();
process.exit(0);
