/** `notify test`: whether those who are to be told can be reached. Nothing that they answer decides anything. */
import { visible } from '../../base/visible.ts';
import { columns } from '../columns.ts';
import { EXIT, type Verb } from '../verb.ts';
import { callerName, printJson } from '../verb-values.ts';

export const notifyTest: Verb = {
  spec: {
    path: ['notify', 'test'],
    summary: 'send a test to the receivers of notifications; exit code 7 when one did not take it',
    arguments: [{ name: 'RECEIVER', help: 'its name in heldline.yaml; all without it', required: false }],
    options: [],
    examples: ['notify test', 'notify test ops'],
    audience: 'local',
  },
  run: async (context) => {
    const { call, io, services } = context;
    const reports = await services.notifications.tryOut(callerName(context), call.arguments[0] ?? null);
    if (io.json) {
      for (const { receiver, form, problem, waiting } of reports) printJson(io, { receiver, form, problem, waiting });
    } else {
      const rows = reports.map(({ receiver, form, problem, waiting }) => [
        problem === null ? 'ok' : 'fail',
        receiver,
        form,
        String(waiting),
        visible(problem ?? ''),
      ]);
      io.out(columns(['', 'RECEIVER', 'FORM', 'WAITING', 'PROBLEM'], rows));
    }
    return reports.every(({ problem }) => problem === null) ? EXIT.done : EXIT.checkFailed;
  },
};
