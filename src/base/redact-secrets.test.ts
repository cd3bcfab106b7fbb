import { describe, expect, test } from 'vitest';
import { redactSecrets } from './redact-secrets.ts';

describe('redactSecrets', () => {
  test.each([
    ["mysql -u root -ps3cret shop -e 'select 1'", "mysql -u root -pREDACTED shop -e 'select 1'"],
    ["mysqldump -p's3 cret' shop", 'mysqldump -pREDACTED shop'],
    ['sshpass -p s3cret ssh h', 'sshpass -p REDACTED ssh h'],
    ['mongosh --password=s3cret', 'mongosh --password=REDACTED'],
    ['tool --db-password s3cret --host h', 'tool --db-password REDACTED --host h'],
    ['vault login --token "s3cret"', 'vault login --token REDACTED'],
    ['PGPASSWORD=s3cret psql -h db', 'PGPASSWORD=REDACTED psql -h db'],
    ['export GITHUB_TOKEN=s3cret; ls', 'export GITHUB_TOKEN=REDACTED; ls'],
    ['MYSQL_PWD=s3cret mysql', 'MYSQL_PWD=REDACTED mysql'],
    ["curl -H 'Authorization: Bearer s3cret' https://x", "curl -H 'Authorization: Bearer REDACTED' https://x"],
    ['curl -H "X-Api-Key: s3cret" x', 'curl -H "X-Api-Key: REDACTED" x'],
    ['curl -s -u bob:s3cret https://x', 'curl -s -u bob:REDACTED https://x'],
    ['psql postgres://app:s3cret@db/prod', 'psql postgres://app:REDACTED@db/prod'],
    ['git clone https://x:s3cret@h/r.git', 'git clone https://x:REDACTED@h/r.git'],
    ['redis-cli -h c -a s3cret FLUSHALL', 'redis-cli -h c -a REDACTED FLUSHALL'],
    ["ALTER USER bob PASSWORD 's3cret';", 'ALTER USER bob PASSWORD REDACTED;'],
    ["CREATE USER 'e'@'%' IDENTIFIED BY 's3cret'", "CREATE USER 'e'@'%' IDENTIFIED BY REDACTED"],
    ['echo root:s3cret | sudo chpasswd', 'echo root:REDACTED | sudo chpasswd'],
  ])('%s', (text, expected) => {
    expect(redactSecrets(text)).toBe(expected);
  });

  test.each([
    'mysql -u root -p shop',
    'mkdir -p /srv/app',
    'ssh -p 2222 host',
    'rm -rf /srv/app',
    'curl -H "Authorization: Bearer $TOKEN" https://x',
    'PGPASSWORD=$PW psql',
    'tool --password --host h',
    'docker run -u 1000:1000 x',
    'cd "$OLDPWD"',
    'PWD=/tmp ls',
    'scp a user@host:/tmp',
    'curl https://host:8443/path@2',
    'SELECT password FROM users',
  ])('%s stays as it is', (text) => {
    expect(redactSecrets(text)).toBe(text);
  });

  test('hostile text takes no time', () => {
    const started = performance.now();
    for (const unit of ['mysql -', 'curl a ', '--a-', 'x://', 'A_', 'echo a:', ' -p'])
      redactSecrets(unit.repeat(20_000 / unit.length));
    expect(performance.now() - started).toBeLessThan(5_000);
  });
});
