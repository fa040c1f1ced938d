// The official TypeScript client, 1.x.
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { CannotDo, drive } from './driver.mjs';

const INFO = { name: 'bench', version: '1.0.0' };

await drive({
    async stdio(command, args) {
        const client = new Client(INFO);
        await client.connect(new StdioClientTransport({ command, args }));
        return { client, close: () => client.close() };
    },
    async http_legacy(url) {
        const client = new Client(INFO);
        const transport = new StreamableHTTPClientTransport(new URL(url));
        await client.connect(transport);
        const close = async () => {
            await transport.terminateSession();
            await client.close();
        };
        return { client, close };
    },
    async http_modern() {
        throw new CannotDo('@modelcontextprotocol/sdk 1.x has no client of 2026-07-28');
    },
});
