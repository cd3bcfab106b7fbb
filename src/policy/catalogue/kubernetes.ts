/** Kubernetes. */
import { all, any, flag, flagValue, oneOf, sub, when, without } from '../matching/command-test.ts';
import type { CommandView } from '../matching/command-view.ts';
import type { CatalogueEntry } from './entry.ts';
import { on } from './entry.ts';

const KUBECTL = 'kubectl oc k kubectl.exe microk8s.kubectl';
const CRITICAL_KINDS = new Set(
  (
    'ns namespace namespaces no node nodes pv persistentvolume persistentvolumes pvc persistentvolumeclaim persistentvolumeclaims crd crds customresourcedefinition ' +
    'customresourcedefinitions all sc storageclass storageclasses clusterrole clusterroles clusterrolebinding clusterrolebindings sts statefulset statefulsets'
  ).split(' '),
);

/** The kinds that stand after `verb`: `delete ns,pv x`, `delete ns/x pod/y`. */
function kindsAfter(view: CommandView, verb: string): readonly string[] {
  const texts = view.operands.map((one) => one.text);
  const after = texts.slice(texts.indexOf(verb) + 1);
  const second = view.operands[texts.indexOf(verb) + 1];
  const listed = second !== undefined && view.isUncertain(second) ? after.slice(0, 2) : after.slice(0, 1);
  const slashed = after.filter((text) => text.includes('/'));
  return [...listed, ...slashed]
    .flatMap((text) => text.split(','))
    .map((text) => (text.split('/')[0] ?? '').split('.')[0] ?? '')
    .map((text) => text.toLowerCase());
}

/** A dry run of either kind; `--dry-run=none` is a real one. */
function isDryRun(view: CommandView): boolean {
  const given = view.value('--dry-run');
  return given === undefined ? view.has('--dry-run') : given !== 'none';
}

function showsSecret(view: CommandView): boolean {
  if (!kindsAfter(view, 'get').some((kind) => kind === 'secret' || kind === 'secrets')) return false;
  const format = view.value('-o|--output')?.replace(/^=/, '') ?? (view.has('--template') ? 'template' : 'wide');
  return format !== 'name' && format !== 'wide';
}

export const K8S_ENTRIES: readonly CatalogueEntry[] = [
  {
    id: 'k8s.delete-critical',
    severity: 'critical',
    why: 'Deleting namespaces, nodes, volumes, CRDs or "all" cascades.',
    cases: [
      on(
        KUBECTL,
        all(
          sub('delete'),
          any(
            flag('--all|-A|--all-namespaces'),
            when((view) => kindsAfter(view, 'delete').some((kind) => CRITICAL_KINDS.has(kind))),
          ),
        ),
      ),
    ],
    positive: ['kubectl delete ns prod', 'kubectl delete pods --all', 'kubectl -n x delete pvc data'],
    negative: ['kubectl get ns', 'kubectl delete pod web-1'],
  },
  {
    id: 'k8s.delete',
    severity: 'high',
    why: 'Deletes running workloads or configuration.',
    alternative: 'kubectl delete --dry-run=server shows what would go.',
    cases: [on(KUBECTL, sub('delete'))],
    positive: ['kubectl delete pod web-1', 'kubectl delete -f app.yaml'],
    negative: ['kubectl get pods'],
  },
  {
    id: 'k8s.scale',
    severity: 'high',
    why: 'Scaling to zero or restarting a roll-out is an outage.',
    cases: [
      on(
        KUBECTL,
        any(
          all(sub('scale'), flagValue('--replicas', oneOf('0'))),
          sub('rollout undo', 'rollout restart', 'rollout pause'),
        ),
      ),
    ],
    positive: ['kubectl scale deploy/web --replicas=0', 'kubectl rollout undo deploy/web'],
    negative: ['kubectl rollout status deploy/web'],
  },
  {
    id: 'k8s.drain',
    severity: 'high',
    why: 'Draining or tainting evicts workloads.',
    cases: [on(KUBECTL, sub('drain', 'cordon', 'taint', 'adm drain', 'adm cordon', 'adm taint'))],
    positive: ['kubectl drain node1 --ignore-daemonsets', 'kubectl cordon node1'],
    negative: ['kubectl get nodes'],
  },
  {
    id: 'k8s.change',
    severity: 'medium',
    why: 'Applies unreviewed configuration to the cluster.',
    alternative: 'kubectl diff shows the change.',
    cases: [
      on(
        KUBECTL,
        all(
          sub('apply', 'edit', 'patch', 'replace', 'set', 'create', 'label', 'annotate', 'expose', 'autoscale'),
          when((view) => !isDryRun(view)),
        ),
      ),
    ],
    positive: ['kubectl apply -f x.yaml', 'kubectl edit deploy web', 'kubectl set image deploy/web w=x:2'],
    negative: ['kubectl diff -f x.yaml', 'kubectl explain pod'],
  },
  {
    id: 'k8s.rbac',
    severity: 'critical',
    why: 'Role bindings and certificate approvals grant cluster rights.',
    cases: [
      on(
        KUBECTL,
        sub(
          'create clusterrolebinding',
          'create rolebinding',
          'create clusterrole',
          'create role',
          'certificate approve',
          'create token',
          'adm policy',
          'policy add*',
          'auth reconcile',
        ),
      ),
    ],
    positive: [
      'kubectl create clusterrolebinding x --clusterrole=cluster-admin --user=e',
      'kubectl certificate approve csr1',
    ],
    negative: ['kubectl auth can-i get pods'],
  },
  {
    id: 'k8s.secret-read',
    severity: 'high',
    why: 'Prints secrets in clear or base64.',
    cases: [on(KUBECTL, all(sub('get'), when(showsSecret)))],
    positive: ['kubectl get secret db -o yaml', 'kubectl get secrets -A -o json'],
    negative: ['kubectl get secrets'],
  },
  {
    id: 'k8s.helm',
    severity: 'high',
    why: 'Uninstall or roll-back replaces a release.',
    cases: [on('helm', all(sub('uninstall', 'delete', 'un', 'rollback', 'upgrade', 'install'), without('--dry-run')))],
    positive: ['helm uninstall web', 'helm rollback web 3', 'helm delete x'],
    negative: ['helm list', 'helm status web'],
  },
];
