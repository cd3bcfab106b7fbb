/** Help for people who typed `ssh bastion help` or `ssh bastion VERB --help`. */
import type { OptionSpec, Verb, VerbSpec } from './verb.ts';

/** One line a verb, the ones that `audiences` may use. */
export function helpOverview(verbs: readonly Verb[], host: string): string {
  const width = Math.max(...verbs.map(({ spec }) => spec.path.join(' ').length));
  const lines = verbs.map(({ spec }) => `  ${spec.path.join(' ').padEnd(width)}  ${spec.summary}`);
  return [
    `Usage: ssh ${host} COMMAND`,
    '',
    ...lines,
    '',
    `A target's shell: ssh TARGET.gate, or ssh YOU@TARGET@${host}`,
    `More on one command: ssh ${host} COMMAND --help`,
    '',
  ].join('\n');
}

/** Usage, options and examples of one verb. @param program how the reader calls it: `heldline`, `ssh bastion` */
export function helpOf(spec: VerbSpec, program: string): string {
  const words = spec.arguments.map(({ name, required }) => (required ? name : `[${name}]`));
  const usage = [program, ...spec.path, ...words, ...(spec.options.length > 0 ? ['[options]'] : [])].join(' ');
  const sections = [`Usage: ${usage}`, '', sentence(spec.summary)];
  if (spec.arguments.length > 0)
    sections.push('', ...spec.arguments.map(({ name, help }) => `  ${name.padEnd(22)}${help}`));
  if (spec.options.length > 0) sections.push('', 'Options:', ...spec.options.map(optionLine));
  sections.push('', 'Examples:', ...spec.examples.map((example) => `  ${program} ${example}`), '');
  return sections.join('\n');
}

/** `-r, --reason TEXT`, as in help texts. */
export function optionUsage(option: OptionSpec): string {
  const short = option.short === undefined ? '' : `-${option.short}, `;
  return `${short}--${option.name}${option.value === undefined ? '' : ` ${option.value}`}`;
}

function optionLine(option: OptionSpec): string {
  const usage = `  ${optionUsage(option)}`;
  return usage.length < 24 ? `${usage.padEnd(24)}${option.help}` : `${usage}\n${' '.repeat(24)}${option.help}`;
}

function sentence(summary: string): string {
  return `${summary.charAt(0).toUpperCase()}${summary.slice(1)}.`;
}
