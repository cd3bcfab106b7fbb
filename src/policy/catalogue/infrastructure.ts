/** Infrastructure as code, and commands on many hosts at once. */
import { all, operands, sub, without } from '../matching/command-test.ts';
import type { CatalogueEntry } from './entry.ts';
import { on } from './entry.ts';

export const IAC_ENTRIES: readonly CatalogueEntry[] = [
  {
    id: 'iac.destroy',
    severity: 'critical',
    why: 'Destroys or changes infrastructure without a reviewed plan.',
    alternative: 'Show the plan first; let a reviewed pipeline apply it.',
    cases: [
      on(
        'terraform tofu terragrunt',
        sub('destroy', 'run-all destroy', 'apply', 'run-all apply', 'apply-all', 'destroy-all'),
      ),
      on('pulumi', sub('destroy', 'up', 'update', 'cancel')),
      on('cdk sls serverless', sub('destroy', 'remove', 'deploy')),
      on('vagrant', sub('destroy')),
    ],
    positive: ['terraform destroy', 'terraform apply -auto-approve', 'tofu apply -destroy', 'pulumi destroy --yes'],
    negative: ['terraform plan', 'terraform validate'],
  },
  {
    id: 'iac.state',
    severity: 'critical',
    why: 'State surgery makes the tool forget or recreate resources.',
    cases: [
      on(
        'terraform tofu terragrunt',
        sub(
          'state rm',
          'state mv',
          'state push',
          'state replace-provider',
          'force-unlock',
          'taint',
          'untaint',
          'import',
          'workspace delete',
        ),
      ),
    ],
    positive: ['terraform state rm aws_db.x', 'terraform force-unlock 1', 'terraform taint x'],
    negative: ['terraform state list'],
  },
  {
    id: 'iac.mass-run',
    severity: 'high',
    why: 'Runs a command or play on many hosts at once.',
    cases: [
      on(
        'ansible ansible-playbook ansible-pull',
        without('--check|-C|--syntax-check|--version|--help|-h|--list-hosts|--list-tasks|--list-tags'),
      ),
      on('pdsh clush pssh parallel-ssh dsh salt salt-ssh mco', all(operands(1), without('--version|--help|-V'))),
      on('knife', sub('ssh')),
    ],
    positive: [
      'ansible all -m shell -a "reboot"',
      'ansible-playbook site.yml',
      'pdsh -w web[1-9] uptime',
      'salt "*" cmd.run id',
    ],
    negative: ['ansible-playbook --check site.yml', 'ansible --version'],
  },
];
