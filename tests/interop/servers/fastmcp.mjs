// A server on FastMCP (npm): `node fastmcp.mjs PORT`.
import { FastMCP } from 'fastmcp';
import { z } from 'zod';

const server = new FastMCP({ name: 'fastmcp', version: '1.0.0' });

server.addTool({ name: 'echo', parameters: z.object({ message: z.string() }), execute: async ({ message }) => message });
server.addTool({
    name: 'work',
    parameters: z.object({ steps: z.number() }),
    execute: async ({ steps }, { reportProgress }) => {
        for (let step = 1; step <= steps; step++) await reportProgress({ progress: step, total: steps });
        return 'worked';
    }
});
server.addTool({
    name: 'say',
    execute: async (_, { log }) => {
        log.info('said');
        await new Promise(resolve => setTimeout(resolve, 50));
        return 'said';
    }
});
server.addTool({
    name: 'ask',
    execute: async (_, { elicit }) => {
        const answer = await elicit({
            message: 'Which colour?',
            requestedSchema: { type: 'object', properties: { colour: { type: 'string' } }, required: ['colour'] }
        });
        return `you like ${answer.content?.colour}`;
    }
});
server.addTool({
    name: 'sample',
    execute: async (_, { sessionId }) => {
        const session = server.sessions.find(one => one.sessionId === sessionId) ?? server.sessions[0];
        const answer = await session.requestSampling({
            messages: [{ role: 'user', content: { type: 'text', text: 'Say something' } }], maxTokens: 10
        });
        return JSON.stringify(answer.content);
    }
});
server.addTool({
    name: 'roots',
    execute: async (_, { sessionId }) => {
        const session = server.sessions.find(one => one.sessionId === sessionId) ?? server.sessions[0];
        return JSON.stringify(session.roots);
    }
});
server.addResource({
    uri: 'test://greeting', name: 'greeting', mimeType: 'text/plain', load: async () => ({ text: 'hello' })
});
server.addPrompt({
    name: 'greet',
    arguments: [{ name: 'name', required: true, complete: async value => ({ values: ['Ada', 'Alan'].filter(n => n.startsWith(value)) }) }],
    load: async ({ name }) => `Hello ${name}`
});

await server.start({ transportType: 'httpStream', httpStream: { port: Number(process.argv[2]), host: '127.0.0.1' } });
console.error('listening');
