// The realistic peer of the benchmark: an MCP server in plain Node, without an SDK, of both eras.
//     node node_echo.mjs stdio      answers on its output until its input ends
//     node node_echo.mjs http       prints its port, answers POSTs on it, ends when its input does
import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';

const MODERN = '2026-07-28';
const LEGACY = ['2025-11-25', '2025-06-18', '2025-03-26', '2024-11-05'];
const SERVER = { name: 'node-echo', version: '1.0.0' };
const CAPABILITIES = { tools: {} };
const TOOLS = [
    {
        name: 'echo',
        description: 'Gives back the text',
        inputSchema: { type: 'object', properties: { text: { type: 'string' } }, required: ['text'] },
    },
];
const CACHEABLE = { ttlMs: 1000, cacheScope: 'public' };

const version_of = message => message.params?._meta?.['io.modelcontextprotocol/protocolVersion'];

/// The failure of one request, as JSON-RPC has it.
class Refusal extends Error {
    constructor(code, text, data) {
        super(text);
        this.answer = data === undefined ? { code, message: text } : { code, message: text, data };
    }
}

function legacy_result({ method, params }) {
    switch (method) {
        case 'initialize': {
            const wanted = params?.protocolVersion;
            const protocolVersion = LEGACY.includes(wanted) ? wanted : LEGACY[0];
            return { protocolVersion, capabilities: CAPABILITIES, serverInfo: SERVER };
        }
        case 'ping':
            return {};
        case 'tools/list':
            return { tools: TOOLS };
        case 'tools/call':
            if (params?.name !== 'echo') throw new Refusal(-32602, `no such tool: ${params?.name}`);
            return { content: [{ type: 'text', text: String(params.arguments?.text ?? '') }] };
        default:
            throw new Refusal(-32601, `no such method: ${method}`);
    }
}

function modern_result(message, version) {
    if (version !== MODERN) {
        const data = { supported: [MODERN], requested: version };
        throw new Refusal(-32022, `unsupported protocol version ${version}`, data);
    }
    const whole = { resultType: 'complete' };
    switch (message.method) {
        case 'server/discover': {
            const about = { supportedVersions: [MODERN], capabilities: CAPABILITIES, ...CACHEABLE };
            return { ...whole, ...about, _meta: { 'io.modelcontextprotocol/serverInfo': SERVER } };
        }
        case 'initialize':
        case 'ping':
            throw new Refusal(-32601, `no such method: ${message.method}`);
        case 'tools/list':
            return { ...whole, ...legacy_result(message), ...CACHEABLE };
        default:
            return { ...whole, ...legacy_result(message) };
    }
}

/// The answer to one message; none to a notification.
function answer_to(message) {
    if (message.id === undefined || message.method === undefined) return undefined;
    const version = version_of(message);
    try {
        const result = version === undefined ? legacy_result(message) : modern_result(message, version);
        return { jsonrpc: '2.0', id: message.id, result };
    } catch (error) {
        const why = error instanceof Refusal ? error.answer : { code: -32603, message: String(error) };
        return { jsonrpc: '2.0', id: message.id, error: why };
    }
}

function parsed(text) {
    try {
        return JSON.parse(text);
    } catch {
        return undefined;
    }
}

const NOT_JSON = { jsonrpc: '2.0', id: null, error: { code: -32700, message: 'not JSON' } };

function serve_stdio() {
    const begun = []; // the pieces of a line whose end has not come yet
    process.stdin.setEncoding('utf8');
    process.stdin.on('data', chunk => {
        let start = 0;
        for (let end; (end = chunk.indexOf('\n', start)) >= 0; start = end + 1) {
            begun.push(chunk.slice(start, end));
            const line = begun.join('');
            begun.length = 0;
            const message = parsed(line);
            const answer = message === undefined ? NOT_JSON : answer_to(message);
            if (answer !== undefined) process.stdout.write(JSON.stringify(answer) + '\n');
        }
        if (start < chunk.length) begun.push(chunk.slice(start));
    });
}

const sessions = new Set();

function reply(response, status, body, headers = {}) {
    const bytes = body === undefined ? '' : JSON.stringify(body);
    response.writeHead(status, {
        ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
        'Content-Length': Buffer.byteLength(bytes),
        ...headers,
    });
    response.end(bytes);
}

function post(request, response, text) {
    const message = parsed(text);
    if (message === undefined) return reply(response, 400, NOT_JSON);
    const session = request.headers['mcp-session-id'];
    if (session !== undefined && !sessions.has(session)) { // none at all is fine: the bare loop has no session
        const error = { code: -32001, message: 'no session of that id' };
        return reply(response, 404, { jsonrpc: '2.0', id: message.id ?? null, error });
    }
    const answer = answer_to(message);
    if (answer === undefined) return reply(response, 202);
    if (message.method === 'initialize') {
        const created = randomUUID();
        sessions.add(created);
        return reply(response, 200, answer, { 'Mcp-Session-Id': created });
    }
    const status = { [-32601]: 404, [-32022]: 400 }[version_of(message) === undefined ? 0 : answer.error?.code];
    return reply(response, status ?? 200, answer);
}

function serve_http() {
    const server = createServer((request, response) => {
        if (request.method === 'DELETE') {
            return reply(response, sessions.delete(request.headers['mcp-session-id']) ? 200 : 404);
        }
        if (request.method !== 'POST') return reply(response, 405, undefined, { Allow: 'POST, DELETE' });
        const chunks = [];
        request.on('data', chunk => chunks.push(chunk));
        request.on('end', () => post(request, response, Buffer.concat(chunks).toString()));
    });
    server.keepAliveTimeout = 0; // who loses the race with a closing connection is not what is measured
    server.listen({ port: 0, host: '127.0.0.1', backlog: 1024 }, () => console.log(server.address().port));
    process.stdin.on('end', () => process.exit(0)).resume();
}

const modes = { stdio: serve_stdio, http: serve_http };
if (modes[process.argv[2]] === undefined) {
    console.error('usage: node_echo.mjs stdio|http');
    process.exit(2);
}
modes[process.argv[2]]();
