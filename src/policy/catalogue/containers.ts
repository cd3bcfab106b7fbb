/** Containers. */

import { compileFlags } from '../language/arguments.ts';
import { normalisePath } from '../language/path-normal-form.ts';
import { all, any, flag, sub, when } from '../matching/command-test.ts';
import type { CommandView } from '../matching/command-view.ts';
import type { CatalogueEntry } from './entry.ts';
import { on } from './entry.ts';

const ENGINES = 'docker podman nerdctl';
const COMPOSE = 'docker podman nerdctl docker-compose podman-compose';
const HOST_PATHS =
  /^\/(?:etc|root|proc|dev|sys|boot|var|var\/lib|var\/run|run|home|usr|lib)?$|^\/(?:var\/)?run\/(?:docker|containerd\/containerd|crio\/crio|podman\/podman)\.sock$/;
const CAPABILITIES =
  /^(?:CAP_)?(?:ALL|SYS_ADMIN|SYS_PTRACE|SYS_MODULE|SYS_RAWIO|DAC_READ_SEARCH|DAC_OVERRIDE|NET_ADMIN|BPF|SYS_BOOT|MKNOD)$/i;
const NAMESPACES = '--pid|--ipc|--network|--net|--userns|--uts|--cgroupns';

/** Whether a container gets what gives root on the host. */
function opensHost(view: CommandView): boolean {
  if (view.has('--privileged')) return true;
  const value = (aliases: string): readonly string[] => view.values(compileFlags(aliases)).map((one) => one.text);
  return (
    value(NAMESPACES).includes('host') ||
    value('--cap-add').some((text) => text.split(',').some((name) => CAPABILITIES.test(name))) ||
    value('-v|--volume').some((text) => HOST_PATHS.test(normalisePath(text.split(':')[0] ?? '', null))) ||
    value('--mount').some((text) =>
      HOST_PATHS.test(normalisePath(/(?:^|,)(?:source|src)=([^,]*)/.exec(text)?.[1] ?? '', null)),
    ) ||
    value('--security-opt').some((text) => /unconfined|label[:=]disable/.test(text))
  );
}

export const CTR_ENTRIES: readonly CatalogueEntry[] = [
  {
    id: 'ctr.prune',
    severity: 'high',
    why: 'Prune removes stopped containers, images or volumes with data.',
    cases: [
      on(
        'docker podman nerdctl docker-compose',
        sub(
          'prune',
          'system prune',
          'volume prune',
          'image prune',
          'container prune',
          'network prune',
          'builder prune',
          'buildx prune',
          'pod prune',
        ),
      ),
    ],
    positive: ['docker system prune -af --volumes', 'podman volume prune'],
    negative: ['docker system df'],
  },
  {
    id: 'ctr.remove',
    severity: 'high',
    why: 'Removing running containers or volumes loses state.',
    cases: [
      on(
        ENGINES,
        any(
          all(sub('rm', 'container rm', 'pod rm'), flag('-f|--force|-v|--volumes')),
          sub(
            'volume rm',
            'volume remove',
            'rmi',
            'image rm',
            'image remove',
            'network rm',
            'network remove',
            'kill',
            'stop',
            'container kill',
            'container stop',
            'stack rm',
            'service rm',
            'secret rm',
            'swarm leave',
          ),
        ),
      ),
      on(
        COMPOSE,
        all(sub('compose down', 'down', 'compose rm', 'rm', 'compose kill', 'kill'), flag('-v|--volumes|--rmi|-f|-s')),
      ),
      on(
        'crictl ctr',
        sub('rm', 'rmi', 'rmp', 'stop', 'stopp', 'containers rm', 'c rm', 'images rm', 'i rm', 'tasks kill', 't kill'),
      ),
    ],
    positive: ['docker rm -f db', 'docker volume rm pgdata', 'docker compose down -v'],
    negative: ['docker ps', 'docker rm --help', 'docker images'],
  },
  {
    id: 'ctr.escape',
    severity: 'critical',
    why: 'Privileged mode, host namespaces, the engine socket or the host root give root on the host.',
    cases: [
      on(
        'docker podman nerdctl',
        all(sub('run', 'create', 'container run', 'container create', 'exec'), when(opensHost)),
      ),
      on('ctr', flag('--privileged')),
      on('nsenter', flag('-t|-a|--target|--all')),
    ],
    positive: ['docker run --privileged -it alpine', 'docker run -v /:/host alpine', 'docker run --pid=host x'],
    negative: ['docker run --rm alpine true', 'docker run -v ./data:/data x'],
  },
];
