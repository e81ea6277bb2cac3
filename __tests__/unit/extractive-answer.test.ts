import { describe, expect, it } from 'vitest';
import { answerTo, endingOf, literalOf, readConversation, UNKNOWN } from '../../src/extractive/answer.js';

const GATES = 'The Zorbin gate opens at 5. The Blick gate opens at 7.\nThe keeper sleeps.';
const said = (question: string, context = GATES) => answerTo({ question, context });

describe('an answer', () => {
  it.each([
    ['When does the Blick gate open?', 'The Blick gate opens at 7.'],
    ['When does the Zorbin gate open?', 'The Zorbin gate opens at 5.'],
    ['Does the keeper sleeps at all?', 'The keeper sleeps.'],
    ['when does the blick gate open', 'The Blick gate opens at 7.'],
  ])('to "%s" is the sentence that shares most words with it', (question, sentence) => {
    expect(said(question)).toBe(sentence);
  });

  it('is the first of sentences that share as many', () => {
    expect(said('which gate opens')).toBe('The Zorbin gate opens at 5.');
  });

  it('is of sentences that a full stop, a mark or a line ends, without the space around', () => {
    expect(said('red apple', 'blue pear!   red apple \n  green plum')).toBe('red apple');
  });
});

describe('a near miss is no answer', () => {
  it.each([
    ['without a context', 'When does the Blick gate open?', ''],
    ['that shares one word', 'Who paints a gate?', GATES],
    ['that shares one word twice', 'Who paints gates?', 'gates and gates'],
    ['that shares only words such as "is the of"', 'What is the of it?', 'What is the of it.'],
    ['that is about another name', 'When does the Quorn gate opens?', GATES],
    ['that has one of two names', 'Does the Blick gate opens at Quorn?', GATES],
    ['that holds a name as a part of a word', 'When does the Bli gate opens?', GATES],
    ['that is a question itself', 'When does the Blick gate open?', 'When does the Blick gate open?'],
  ])('%s', (_, question, context) => {
    expect(said(question, context)).toBe(UNKNOWN);
  });

  it('though the word that begins a sentence is no name', () => {
    expect(said('Gate. Opens when?', 'a gate that opens')).toBe('a gate that opens');
    expect(said('Please tell. Which gate opens?', 'a gate that opens')).toBe('a gate that opens');
  });

  it('says so in words', () => {
    expect(UNKNOWN).toBe("I don't know.");
  });
});

describe('what is to be said as it stands', () => {
  it.each([
    ['Reply with OK', 'OK'],
    ['reply with  "a b", as JSON', '"a b", as JSON'],
    ['Repeat this word: zap', 'zap'],
    ['Repeat this text: one two three', 'one two three'],
  ])('"%s"', (question, literal) => {
    expect(literalOf(question)).toBe(literal);
    expect(said(question, '')).toBe(literal);
  });

  it.each(['Please reply with OK', 'Reply with', 'Repeat this: zap', 'Reply withOK'])('not of "%s"', (question) => {
    expect(literalOf(question)).toBeUndefined();
  });

  it('gives way to a sentence that answers', () => {
    expect(said('Reply with gate opens', GATES)).toBe('The Zorbin gate opens at 5.');
  });
});

describe('a conversation', () => {
  const user = (content: unknown) => ({ role: 'user', content });

  it('is the last question of the user', () => {
    expect(readConversation([user('first'), { role: 'assistant', content: 'x' }, user(' second ')])).toEqual({
      question: 'second',
      context: '',
      searched: false,
    });
  });

  it('has its context between CONTEXT: and QUERY:', () => {
    const { question, context } = readConversation([user('Please answer.\n\nCONTEXT:\nfacts\n\nQUERY:\nwhat?\n')]);
    expect([question, context]).toEqual(['what?', '\nfacts\n\n']);
  });

  it('has its question before CONTEXT: where there is no QUERY:', () => {
    const { question, context } = readConversation([user('what?\nCONTEXT: facts')]);
    expect([question, context]).toEqual(['what?', ' facts']);
  });

  it('takes what tools found since the question, and not before', () => {
    const tool = (content: string) => ({ role: 'tool', content });
    const messages = [
      user('a'),
      tool('old'),
      user('b'),
      tool('new'),
      { role: 'assistant', content: 'x' },
      tool('newer'),
    ];
    expect(readConversation(messages)).toEqual({ question: 'b', context: '\nnew\nnewer', searched: true });
    expect(readConversation(messages.slice(0, 3)).searched).toBe(false);
  });

  it('reads a content that comes in parts', () => {
    const parts = [{ type: 'text', text: 'what?' }, { type: 'image_url' }, { type: 'text', text: 'CONTEXT: x' }];
    expect(readConversation([user(parts)])).toMatchObject({ question: 'what?', context: ' x' });
  });

  it.each([[[]], [[user(null)]], [[user(7)]], [['text']]])('holds nothing where nothing was said: %j', (messages) => {
    expect(readConversation(messages)).toEqual({ question: '', context: '', searched: false });
  });
});

describe('the ending that the system wants', () => {
  const wanting = { role: 'system', content: 'Be kind. End every answer with the word "zap".' };
  it('is a word after a space', () => expect(endingOf([wanting])).toBe(' zap'));
  it.each([
    ['the system wants none', [{ role: 'system', content: 'Be kind.' }]],
    ['it is the user who says so', [{ ...wanting, role: 'user' }]],
    ['the system speaks later', [{ role: 'user', content: 'x' }, wanting]],
    ['there are no messages', []],
  ])('is empty where %s', (_, messages) => expect(endingOf(messages)).toBe(''));
});
