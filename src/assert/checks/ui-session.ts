import { setTimeout } from 'node:timers/promises';
import { RunError, messageOf } from '../../errors.js';
import { NotApplicable, type Check, type BasicContext } from '../check.js';
import { RUN_PAGE, STREAM_PATH, isFinished, viewOf, type PageView } from '../streamlit.js';

export const uiSession: Check = {
  name: 'ui-session',
  hop: 'UI',
  proves:
    "A visitor's session by the UI's WebSocket runs the first page to its end without an error, and the page shows the model that the stack lists: the UI reaches the stack.",
  cannot: 'What happens when buttons are pressed; UIs that are not made with Streamlit.',
  needs: ['ui-health'],
  asksModel: false,
  run: async (context) => {
    const { errors, texts } = await visitSettled(context);
    if (errors[0] !== undefined)
      throw new RunError(
        'E_UI',
        'UI',
        `the first page of the user interface shows an error: ${errors[0].replace(/\s+/g, ' ')}`,
        'Check that its LLAMA_STACK_ENDPOINT names the stack as pods reach it, and read its log below.',
      );
    const ids = context.model ? [context.model.id] : ((await context.stack.listedModels()) ?? []).map(({ id }) => id);
    const id = ids.find((candidate) => texts.some((text) => text.includes(candidate))) ?? ids[0] ?? 'a model';
    const shown = texts.some((text) => text.includes(id));
    return {
      expected: `a page that shows ${id}`,
      got: `${texts.length} messages, ${shown ? `with ${id}` : 'without it'}`,
      ...(!shown && {
        warning: `the first page shows neither ${id} nor an error: whether the UI reaches the stack is not known`,
      }),
    };
  },
};

/** Visits while the page can not connect, and ms between two: a Service leads to a pod a moment after the pod is ready. */
const VISITS = 3;
const VISIT_PAUSE_MS = 2000;

async function visitSettled(context: BasicContext): Promise<PageView> {
  for (let visits = 1; ; visits += 1) {
    const view = await visit(context);
    if (visits === VISITS || !/connection\s+error|refused/i.test(view.errors[0] ?? '')) return view;
    await setTimeout(VISIT_PAUSE_MS);
  }
}

async function visit({ uiUrl, web }: BasicContext): Promise<PageView> {
  if (!uiUrl) throw new NotApplicable('the chart has no Service on port 8501');
  const url = `${uiUrl.replace(/^http/, 'ws')}${STREAM_PATH}`;
  try {
    return viewOf(await web.converse(url, RUN_PAGE, isFinished));
  } catch (error) {
    throw new RunError(
      'E_UI',
      'UI',
      `the user interface does not run its page over its WebSocket: ${messageOf(error)}`,
      "Read the user interface's log below; proxies before it must pass WebSockets on.",
      { cause: error },
    );
  }
}
