import { RunError, messageOf } from '../../errors.js';
import { NotApplicable, type Check } from '../check.js';

const FIX = "Read the user interface's log below, and check its image and its LLAMA_STACK_ENDPOINT.";

export const uiHealth: Check = {
  name: 'ui-health',
  hop: 'UI',
  proves: 'The user interface is served: its health answers, and its page is HTML.',
  cannot: 'That the page works: that is ui-session.',
  needs: [],
  asksModel: false,
  run: async ({ uiUrl, web }) => {
    if (!uiUrl) throw new NotApplicable('the chart has no Service on port 8501');
    const get = async (path: string) =>
      await web.get(`${uiUrl}${path}`).catch((error: unknown) => {
        throw new RunError('E_UI', 'UI', `the user interface does not answer ${path}: ${messageOf(error)}`, FIX, {
          cause: error,
        });
      });
    const health = await get('/_stcore/health');
    if (health.status !== 200)
      throw new RunError('E_UI', 'UI', `the user interface's health is HTTP ${health.status}`, FIX);
    const page = await get('/');
    if (page.status !== 200 || !/<html/i.test(page.text))
      throw new RunError('E_UI', 'UI', `the user interface's page is HTTP ${page.status} and no HTML`, FIX);
    return {
      expected: 'health 200 and a page',
      got: `health ${health.status} (${health.text.trim()}), a page of ${page.text.length} characters`,
    };
  },
};
