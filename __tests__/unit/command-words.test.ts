import { describe, expect, it } from 'vitest';
import { pathsIn, programOf } from '../../src/tests/command-words.js';

describe('the words of a command', () => {
  it.each([
    ['pytest tests/e2e -q', 'pytest', ['tests/e2e']],
    ['./run.sh --fast', './run.sh', ['./run.sh']],
    ['TOKEN=s3cr3t TZ=UTC tests/run.sh', 'tests/run.sh', ['tests/run.sh']],
    ['# says what\nbash -e tests/run.sh && rm -rf x', 'bash', []],
    ['bash tests/run.sh', 'bash', ['tests/run.sh']],
    ['bash -c "pytest tests"', 'bash', []],
    ['cd e2e && npm test', 'cd', ['e2e']],
    ['python3 -m pytest tests', 'python3', []],
    ['python3 check.py', 'python3', ['check.py']],
    ['/usr/bin/env pytest', '/usr/bin/env', []],
    ['npm test', 'npm', []],
    ['curl -H "key: x" http://h/x', 'curl', []],
    ['sh "$FOLDER/run.sh"', 'sh', []],
    ['sh ../outside.sh', 'sh', []],
    ['', '', []],
    ['A=1', '', []],
  ])('%s: %s, and the paths that it needs', (command, program, paths) => {
    expect([programOf(command), pathsIn(command)]).toEqual([program, paths]);
  });
});
