// The official TypeScript client, 2.x.
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { CannotDo, drive } from './driver.mjs';

const INFO = { name: 'bench', version: '1.0.0' };

async function http(url, options) {
    const client = new Client(INFO, options);
    const transport = new StreamableHTTPClientTransport(new URL(url));
    await client.connect(transport);
    const close = async () => {
        if (client.getProtocolEra() === 'legacy') await transport.terminateSession();
        await client.close();
    };
    return { client, close };
}

await drive({
    async stdio(command, args) {
        const client = new Client(INFO);
        await client.connect(new StdioClientTransport({ command, args }));
        return { client, close: () => client.close() };
    },
    http_legacy: url => http(url),
    async http_modern(url) {
        const connection = await http(url, { versionNegotiation: { mode: 'auto' } });
        if (connection.client.getProtocolEra() !== 'modern') throw new CannotDo('the modern era was not agreed on');
        return connection;
    },
});
