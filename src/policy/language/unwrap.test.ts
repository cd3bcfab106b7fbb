import { beforeAll, describe, expect, test } from 'vitest';
import type { SimpleCommand } from '../analysis.ts';
import { analyse } from './analyse.ts';
import { prepareSql } from './postgres-parser.ts';
import { ARGV_WRAPPERS } from './wrapper-options.ts';

beforeAll(prepareSql);

const commands = (text: string): readonly SimpleCommand[] =>
  analyse(text, { context: 'shell', dialect: 'bash' }).commands;

/** `via>via|argv` of what is not only a carrier. */
const inner = (text: string): readonly string[] =>
  commands(text)
    .filter((command) => !command.transparent)
    .map((command) => `${command.via.map((layer) => layer.label).join('>')}|${command.argv.join(' ')}`);

describe('wrappers that run their words', () => {
  const operands: Readonly<Record<string, string>> = {
    timeout: '5',
    gosu: 'bob',
    'su-exec': 'bob',
    setuidgid: 'bob',
    's6-setuidgid': 'bob',
    chrt: '10',
    taskset: '0x1',
    chroot: '/mnt',
    faketime: 'yesterday',
  };

  test.each([...ARGV_WRAPPERS.keys()])('%s', (name) => {
    // The backslash keeps `time` from being a keyword.
    const head = `\\${name} ${operands[name] ?? ''}`.trim();
    const [found] = inner(`${head} rm -rf /x`);
    expect(found).toBe(`${name}|rm -rf /x`);
    expect(commands(`${head} rm -rf /x`)[0]).toMatchObject({ name, transparent: true });
  });

  test.each([
    ['sudo -E -u root -- rm x', 'sudo|rm x'],
    ['sudo --user=root A=1 rm x', 'sudo|rm x'],
    ['sudo --user root rm x', 'sudo|rm x'],
    ['sudo -s rm x', 'sudo -s|rm x'],
    ["sudo -i 'rm x'", 'sudo -s|rm x'],
    ["sudo -iu postgres sh -c 'rm x'", 'sudo -s>sh -c|rm x'],
    ['env -i A=1 -u B rm x', 'env|rm x'],
    ["env -S 'A=1 rm x'", 'env -S|rm x'],
    ['nice -n 10 ionice -c3 rm x', 'nice>ionice|rm x'],
    ['timeout -k 5 --signal=KILL 30 rm x', 'timeout|rm x'],
    ['strace -f -o log rm x', 'strace|rm x'],
    ['exec -a ls rm x', 'exec|rm x'],
    ['systemd-run --on-active=5m --unit u rm x', 'systemd-run|rm x'],
    ['nsenter -t 1 -m -- rm x', 'nsenter|rm x'],
    ['/usr/bin/env rm x', 'env|rm x'],
    ['sudo $opts rm x', 'sudo|$opts rm x'],
  ])('%s', (text, found) => {
    expect(inner(text)).toContain(found);
  });

  test('an unknown long option is read both ways', () => {
    expect(inner('sudo --frob x rm y')).toEqual(expect.arrayContaining(['sudo|x rm y', 'sudo|rm y']));
  });

  test.each(['sudo -l', 'sudo -e /etc/hosts', 'strace -p 1', 'command -v rm', 'timeout --help', 'taskset -p 1', 'env'])(
    '%s runs nothing',
    (text) => {
      expect(commands(text)).toHaveLength(1);
      expect(commands(text)[0]?.transparent).toBe(false);
    },
  );

  test('only its own words are arguments of a wrapper', () => {
    expect(commands('sudo -u bob rm -rf /')[0]?.args.map((word) => word.text)).toEqual(['-u', 'bob']);
  });

  test('assignments belong to the inner command', () => {
    expect(commands('sudo LD_PRELOAD=/x.so id').at(-1)?.assigns).toMatchObject([
      { name: 'LD_PRELOAD', value: { text: '/x.so' } },
    ]);
  });
});

describe('program texts', () => {
  test.each([
    ["bash -lc 'rm x; ls'", ['bash -c|rm x', 'bash -c|ls']],
    ["sh -e -o pipefail -c 'rm x' name arg", ['sh -c|rm x']],
    ['bash -c "bash -c \'rm x\'"', ['bash -c>bash -c|rm x']],
    ["su - bob -c 'rm x'", ['su -c|rm x']],
    ["su -c 'rm x' bob", ['su -c|rm x']],
    ["su --command='rm x'", ['su -c|rm x']],
    ['runuser -u bob -- rm x', ['runuser|rm x']],
    ["script -qc 'rm x' /dev/null", ['script -c|rm x']],
    ["flock /l -c 'rm x'", ['flock -c|rm x']],
    ['flock -n /l rm x', ['flock|rm x']],
    ["watch -n 2 'rm x'", ['watch|rm x']],
    ['watch rm x', ['watch|rm x']],
    ["trap 'rm x' EXIT", ['trap|rm x']],
    ["alias a='rm x'", ['alias|rm x']],
    ["eval 'rm' x", ['eval|rm x']],
    ["tmux new -d 'rm x'", ['tmux|rm x']],
    ['tmux send-keys -t 0 "rm x" Enter', ['tmux send-keys|rm x']],
    ['screen -dmS s rm x', ['screen|rm x']],
    ["screen -X stuff 'rm x\\n'", ['screen stuff|rm x']],
    ["ssh -p 22 -o A=b u@h 'rm x; ls'", ['ssh|rm x', 'ssh|ls']],
    ['ssh h rm x', ['ssh|rm x']],
    ["git submodule foreach 'rm x'", ['git|rm x']],
    ["vagrant ssh -c 'rm x'", ['vagrant ssh|rm x']],
    ["gcloud compute ssh vm --command 'rm x'", ['gcloud ssh|rm x']],
    ['busybox sh -c "rm x"', ['busybox>sh -c|rm x']],
  ])('%s', (text, found) => {
    expect(inner(text)).toEqual(found);
  });

  test('eval sets variables for what follows, sh -c does not', () => {
    expect(inner("eval 'x=rm'; $x y").at(-1)).toBe('|rm y');
    expect(inner("sh -c 'x=rm'; $x y").at(-1)).toBe('|$x y');
  });

  test('remote commands are marked', () => {
    expect(commands('ssh h rm x').at(-1)).toMatchObject({ name: 'rm', remote: true });
    expect(commands('sudo rm x').at(-1)).toMatchObject({ remote: false });
  });
});

describe('text on stdin', () => {
  test.each([
    ["echo 'rm x' | sh", 'sh|rm x'],
    ["printf '%s\\n' 'rm x' | sudo bash", 'sudo>bash|rm x'],
    ["echo -e 'rm\\x20x' | bash", 'bash|rm x'],
    ["bash <<< 'rm x'", 'bash|rm x'],
    ["bash -s arg <<'E'\nrm x\nE", 'bash|rm x'],
    ['cat <<E | sudo bash\nrm x\nE', 'sudo>bash|rm x'],
    ["(echo ls; echo 'rm x') | sh", 'sh|rm x'],
    ["echo 'rm x' | ssh h", 'ssh|rm x'],
    ["echo 'rm x' | ssh h bash", 'ssh>bash|rm x'],
    ["echo 'rm x' | tee log | sh", 'sh|rm x'],
    ["echo 'rm x' | at now", 'at|rm x'],
    ['v=\'rm x\'; echo "$v" | sh', 'sh|rm x'],
  ])('%s', (text, found) => {
    expect(inner(text)).toContain(found);
    expect(analyse(text, { context: 'shell', dialect: 'bash' }).opaque).toEqual([]);
  });
});

describe('lists', () => {
  test.each([
    ['ls | xargs -0 -n 1 rm -f', 'xargs|rm -f {}'],
    ['ls | xargs -I% rm % x', 'xargs|rm % x'],
    ['echo /a /b | xargs rm -f', 'xargs|rm -f /a /b'],
    ["ls | xargs sh -c 'rm x'", 'xargs>sh -c|rm x'],
    ['find . -exec rm -f {} + -exec ls {} \\;', 'find|rm -f {}'],
    ['find . -exec rm -f {} + -exec ls {} \\;', 'find|ls {}'],
    ['find . -ok rm {} \\;', 'find|rm {}'],
    ['parallel -j 4 rm -f ::: a b', 'parallel|rm -f a b'],
    ["parallel 'rm {}; ls' ::: a", 'parallel|rm {}'],
    ['fd -e log -x rm -f', 'fd|rm -f {}'],
  ])('%s', (text, found) => {
    expect(inner(text)).toContain(found);
  });

  test('the items are unseen operands', () => {
    expect(commands('ls | xargs rm').at(-1)).toMatchObject({ unseenOperands: true, dynamic: true });
  });

  test('items in the place of the command are opaque', () => {
    expect(analyse('ls | xargs -I{} {} x', { context: 'shell', dialect: 'bash' }).opaque).not.toEqual([]);
  });
});

describe('containers and clusters', () => {
  test.each([
    ["docker exec -it -u root web sh -c 'rm x'", 'docker>sh -c|rm x'],
    ['docker -H tcp://h container exec web rm x', 'docker|rm x'],
    ['docker run --rm -v /a:/b -e A=1 img rm x', 'docker|rm x'],
    ['docker run --entrypoint rm img -rf x', 'docker|rm -rf x'],
    ['docker compose -f a.yml exec -T db rm x', 'docker|rm x'],
    ['docker-compose run --rm app rm x', 'docker-compose|rm x'],
    ['podman exec c rm x', 'podman|rm x'],
    ['kubectl -n p exec pod -c app -- rm x', 'kubectl|rm x'],
    ['kubectl exec pod rm x', 'kubectl|rm x'],
    ['oc rsh pod rm x', 'oc|rm x'],
    ['kubectl run t --image=i --rm -it -- rm x', 'kubectl|rm x'],
    ['crictl exec -i c rm x', 'crictl|rm x'],
    ['ip netns exec n rm x', 'ip|rm x'],
    ['lxc exec c -- rm x', 'lxc|rm x'],
  ])('%s', (text, found) => {
    expect(inner(text)).toContain(found);
  });
});

describe('database clients', () => {
  test.each([
    ['psql -h h -c "DROP TABLE x" db', 'sql.drop'],
    ['psql -qc "DROP TABLE x"', 'sql.drop'],
    ['psql --command="DROP TABLE x"', 'sql.drop'],
    ["echo 'DROP TABLE x;' | psql db", 'sql.drop'],
    ["psql <<< 'DROP TABLE x'", 'sql.drop'],
    ["sudo -u postgres psql -c 'DROP TABLE x'", 'sql.drop'],
    ["docker exec db psql -c 'DROP TABLE x'", 'sql.drop'],
    ["mysql -uroot -psecret d -e 'DROP TABLE x'", 'sql.drop'],
    ["mariadb --execute='DROP TABLE x'", 'sql.drop'],
    ['sh -c "psql -c \'DROP TABLE x\'"', 'sql.drop'],
  ])('%s', (text, id) => {
    expect(commands(text).flatMap((command) => command.sqlIds)).toContain(id);
  });

  test.each(['psql -f x.sql', 'psql < x.sql', 'mysql d < x.sql', 'cat x.sql | psql', 'psql -c "DROP TABLE $x"'])(
    '%s is opaque',
    (text) => {
      expect(analyse(text, { context: 'shell', dialect: 'bash' }).opaque).not.toEqual([]);
    },
  );

  test.each(['psql', 'psql -l', 'mysql -u root -p d', 'psql --version'])('%s is only a client', (text) => {
    expect(analyse(text, { context: 'shell', dialect: 'bash' })).toMatchObject({
      opaque: [],
      commands: [{ sqlIds: [] }],
    });
  });
});
