// The tests of the example consumer that is no Llama Stack: what its own document says, it answers; JUnit to the file named first.
import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';

const post = async (path, body) => {
  const response = await fetch(`${process.env.API_ENDPOINT}${path}`, { method: 'POST', body: JSON.stringify(body) });
  if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
  return await response.json();
};

const word = `code-${randomBytes(4).toString('hex')}`;
let failure = '';
try {
  await post('/documents', { text: `The password of the harbour of Lumin is ${word}.` });
  const { answer } = await post('/ask', { question: 'What is the password of the harbour of Lumin?' });
  console.log(`answer: ${answer}`);
  if (!answer.includes(word)) failure = `${word} is not in the answer`;
  if (process.env.MAAS_API_KEY) failure = 'the key is in the environment';
} catch (error) {
  failure = error.message;
}
const body = failure ? `<failure message="${failure.replace(/[<>&"]/g, ' ')}"/>` : '';
writeFileSync(process.argv[2], `<testsuite><testcase name="answers from its document">${body}</testcase></testsuite>`);
process.exitCode = failure ? 1 : 0;
