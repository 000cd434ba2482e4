// js-genai's side of a conversation, with the WebSocket library and the messages that it uses in Node.
// node client.js BASE KEY
'use strict';
const WebSocket = require('ws');

const [base, key] = process.argv.slice(2);
const service = 'google.ai.generativelanguage.v1beta.GenerativeService.BidiGenerateContent';
const name = `google-genai-sdk/2.18.0 gl-node/${process.version}`;
// The doubled slash is js-genai's own.
const socket = new WebSocket(`${base}//ws/${service}?key=${key}`, {
  headers: {'Content-Type': 'application/json', 'User-Agent': name, 'x-goog-api-client': name},
});
const questions = ['hello', 'call get_weather', 'goodbye'];
let answered = 0, sound = 0;

const send = (message) => socket.send(JSON.stringify(message));
const ask = () => send({realtimeInput: {text: questions[answered]}});

socket.on('open', () => send({
  setup: {
    model: 'models/gemini-3.1-flash-live-preview',
    generationConfig: {responseModalities: ['AUDIO']},
    tools: [{functionDeclarations: [{name: 'get_weather', description: 'Reports the weather.'}]}],
  },
}));

socket.on('message', (data) => {
  const message = JSON.parse(data.toString());
  if (message.setupComplete) {
    console.log('set up');
    ask();
  }
  for (const {id, name} of message.toolCall?.functionCalls ?? []) {
    console.log(`called ${name}`);
    send({toolResponse: {functionResponses: [{id, name, response: {output: 'sunny'}}]}});
  }
  const content = message.serverContent ?? {};
  if (message.goAway || content.interrupted) console.log('disturbed');
  sound += content.modelTurn?.parts?.length ?? 0;
  if (content.turnComplete) {
    console.log(sound ? 'answered' : 'silent');
    sound = 0;
    answered += 1;
    if (answered < questions.length) ask(); else socket.close(1000);
  }
});

socket.on('error', (error) => console.log(`error ${error.message}`));
socket.on('close', (code, reason) => console.log(`closed ${code} ${reason}`));
