/** Command lines of the clouds. */
import { all, any, flag, leadingWord, like, oneOf, sub, when, word } from '../matching/command-test.ts';
import type { CatalogueEntry } from './entry.ts';
import { on } from './entry.ts';

const HTTP_CLIENTS = 'curl wget http https xh aria2c lynx w3m nc ncat telnet fetch';
const METADATA =
  /169\.254\.169\.254|169\.254\.170\.2|metadata\.google\.internal|metadata\.azure|\[?fd00:ec2::254|100\.100\.100\.200|2852039166|0xa9fea9fe/i;

const DESTROYING = [
  ...'delete* terminate* deregister* purge* destroy* remove* disable* detach* revoke* disassociate* deactivate* stop-* reboot-* reset-* release-*'.split(
    ' ',
  ),
  'schedule-key-deletion',
];

export const CLOUD_ENTRIES: readonly CatalogueEntry[] = [
  {
    id: 'cloud.aws-destroy',
    severity: 'critical',
    why: 'Deletes or terminates cloud resources.',
    cases: [
      on(
        'aws',
        any(
          sub(...DESTROYING.map((verb) => `* ${verb}`)),
          sub('s3 rb', 's3 rm'),
          all(sub('s3 sync'), flag('--delete')),
        ),
      ),
    ],
    positive: [
      'aws ec2 terminate-instances --instance-ids i-1',
      'aws s3 rm s3://b --recursive',
      'aws rds delete-db-instance --db-instance-identifier x',
      'aws s3 rb s3://b --force',
    ],
    negative: ['aws s3 ls', 'aws ec2 describe-instances'],
  },
  {
    id: 'cloud.gcp-delete',
    severity: 'critical',
    why: 'Deletes Google Cloud resources.',
    cases: [
      on('gcloud', leadingWord(5, oneOf('delete', 'reset', 'stop', 'destroy', 'remove', 'rm', 'disable'))),
      on('gsutil', sub('rm', 'rb')),
      on('bq', sub('rm')),
    ],
    positive: ['gcloud compute instances delete vm1', 'gsutil -m rm -r gs://b', 'gcloud projects delete p'],
    negative: ['gcloud compute instances list', 'gsutil ls'],
  },
  {
    id: 'cloud.az-delete',
    severity: 'critical',
    why: 'Deletes Azure resources.',
    cases: [on('az', leadingWord(5, oneOf('delete', 'purge', 'deallocate', 'stop', 'remove', 'delete-batch')))],
    positive: ['az group delete -n prod', 'az vm delete -n x -g y'],
    negative: ['az vm list'],
  },
  {
    id: 'cloud.iam',
    severity: 'critical',
    why: 'Creates credentials or widens cloud rights.',
    cases: [
      on(
        'aws',
        sub(
          'iam create*',
          'iam attach*',
          'iam put*',
          'iam update*',
          'iam add*',
          'iam upload*',
          'iam enable*',
          'iam set*',
          'organizations attach*',
        ),
      ),
      on(
        'gcloud',
        any(
          leadingWord(6, oneOf('add-iam-policy-binding', 'set-iam-policy')),
          when((view) => / keys create(?: |$)/.test(` ${view.operands.map((one) => one.text).join(' ')}`)),
        ),
      ),
      on(
        'az',
        sub(
          'role assignment create',
          'ad sp create*',
          'ad sp credential*',
          'ad app credential*',
          'role definition create',
          'role definition update',
        ),
      ),
    ],
    positive: [
      'aws iam create-access-key --user-name x',
      'aws iam attach-user-policy --user-name x --policy-arn y',
      'gcloud projects add-iam-policy-binding p',
      'az role assignment create',
    ],
    negative: ['aws iam list-users', 'aws sts get-caller-identity'],
  },
  {
    id: 'cloud.metadata',
    severity: 'high',
    why: 'The metadata service hands out instance credentials.',
    cases: [on(HTTP_CLIENTS, word(like(METADATA)))],
    positive: [
      'curl http://169.254.169.254/latest/meta-data/iam/security-credentials/',
      'wget -qO- metadata.google.internal/computeMetadata/v1/',
    ],
    negative: ['curl http://example.com'],
  },
];
