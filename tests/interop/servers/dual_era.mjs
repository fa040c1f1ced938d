// A server of both eras on the official TypeScript server SDK: `node dual_era.mjs PORT`.
import { randomUUID } from 'node:crypto';
import http from 'node:http';
import { Readable } from 'node:stream';
import {
    McpServer, WebStandardStreamableHTTPServerTransport, acceptedContent, completable, createMcpHandler, inputRequired,
    isLegacyRequest
} from '@modelcontextprotocol/server';
import { z } from 'zod';

const text = value => ({ content: [{ type: 'text', text: value }] });
const colour = z.object({ colour: z.string() });

function makeServer({ era }) {
    const server = new McpServer(
        { name: 'dual-era', version: '1.0.0' },
        { capabilities: { logging: {}, resources: { subscribe: true, listChanged: true }, tools: { listChanged: true } } }
    );
    server.registerTool('echo', { inputSchema: z.object({ message: z.string() }) }, async ({ message }) => text(message));
    server.registerTool(
        'sum',
        { inputSchema: z.object({ a: z.number(), b: z.number() }), outputSchema: z.object({ sum: z.number() }) },
        async ({ a, b }) => ({ ...text(String(a + b)), structuredContent: { sum: a + b } })
    );
    server.registerTool('work', { inputSchema: z.object({ steps: z.number() }) }, async ({ steps }, ctx) => {
        const progressToken = ctx.mcpReq._meta?.progressToken;
        for (let step = 1; step <= steps && progressToken !== undefined; step++) {
            await ctx.mcpReq.notify({
                method: 'notifications/progress',
                params: { progressToken, progress: step, total: steps }
            });
        }
        return text('worked');
    });
    server.registerTool('say', { inputSchema: z.object({}) }, async (_, ctx) => {
        await ctx.mcpReq.log('info', 'said');
        return text('said');
    });
    server.registerTool('ask', { inputSchema: z.object({}) }, async (_, ctx) => {
        const answer = acceptedContent(ctx.mcpReq.inputResponses, 'colour', colour);
        if (answer) return text(`you like ${answer.colour}`);
        return inputRequired({
            inputRequests: { colour: inputRequired.elicit({ message: 'Which colour?', requestedSchema: colour }) }
        });
    });
    server.registerTool('sample', { inputSchema: z.object({}) }, async (_, ctx) => {
        const answer = ctx.mcpReq.inputResponses?.answer;
        if (answer) return text(JSON.stringify(answer));
        return inputRequired({
            inputRequests: {
                answer: inputRequired.createMessage({
                    messages: [{ role: 'user', content: { type: 'text', text: 'Say something' } }],
                    maxTokens: 10
                })
            }
        });
    });
    server.registerTool('roots', { inputSchema: z.object({}) }, async (_, ctx) => {
        const answer = ctx.mcpReq.inputResponses?.roots;
        return answer ? text(JSON.stringify(answer)) : inputRequired({ inputRequests: { roots: inputRequired.listRoots() } });
    });
    server.registerTool('touch', { inputSchema: z.object({}) }, async () => {
        setTimeout(() => {
            if (era === 'legacy') return server.server.sendResourceUpdated({ uri: 'test://greeting' });
            handler.notify.resourceUpdated('test://greeting');
            handler.notify.toolsChanged();
        }, 50);
        return text('touched');
    });
    server.registerResource('greeting', 'test://greeting', { mimeType: 'text/plain' }, async uri => ({
        contents: [{ uri: uri.href, text: 'hello' }]
    }));
    if (era === 'legacy') {
        server.server.setRequestHandler('resources/subscribe', async () => ({}));
        server.server.setRequestHandler('resources/unsubscribe', async () => ({}));
    }
    server.registerPrompt(
        'greet',
        { argsSchema: z.object({ name: completable(z.string(), value => ['Ada', 'Alan'].filter(n => n.startsWith(value))) }) },
        ({ name }) => ({ messages: [{ role: 'user', content: { type: 'text', text: `Hello ${name}` } }] })
    );
    return server;
}

const handler = createMcpHandler(makeServer, { legacy: 'reject' });
const sessions = new Map();

/** The legacy era with sessions, as servers had it before. */
async function serveLegacy(request) {
    const id = request.headers.get('mcp-session-id');
    if (id) return sessions.get(id)?.handleRequest(request) ?? new Response('no such session', { status: 404 });
    const transport = new WebStandardStreamableHTTPServerTransport({
        sessionIdGenerator: randomUUID,
        onsessioninitialized: made => sessions.set(made, transport)
    });
    await makeServer({ era: 'legacy' }).connect(transport);
    return transport.handleRequest(request);
}

/** node:http in front of a handler of web-standard requests. */
async function serve(request, response) {
    const gone = new AbortController();
    response.on('close', () => gone.abort());
    const body = ['GET', 'HEAD', 'DELETE'].includes(request.method) ? undefined : Readable.toWeb(request);
    const asked = new Request(`http://${request.headers.host}${request.url}`, {
        method: request.method, headers: request.headers, body, duplex: 'half', signal: gone.signal
    });
    const answer = (await isLegacyRequest(asked.clone())) ? await serveLegacy(asked) : await handler.fetch(asked);
    response.writeHead(answer.status, Object.fromEntries(answer.headers));
    if (!answer.body) return response.end();
    response.flushHeaders();
    Readable.fromWeb(answer.body).on('error', () => response.destroy()).pipe(response);
}

http.createServer((request, response) => {
    serve(request, response).catch(error => {
        console.error(error);
        response.destroy();
    });
}).listen(Number(process.argv[2]), '127.0.0.1', () => console.error('listening'));
