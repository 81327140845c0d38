# SPDX-License-Identifier: Apache-2.0
"""What kustomize made of deploy/kubernetes, read as a cluster would: pods with their environment, who may speak to whom, and
whatever in it cannot work. Used by tests/kubernetes.

    manifests.py faults FILE BIN    prints one fault a line; BIN is the build folder, whose programs know their variables
    manifests.py types FILE         prints the manifests as TypeScript, for the compiler to judge by the API's types
    manifests.py check FILE BIN DIR runs each container's command with --check, with its environment and files (in DIR)
    manifests.py edges FILE         prints every connection that a setting asks for: FROM TO PORT
"""
import base64
import glob
import json
import os
import re
import subprocess
import sys

import yaml

# The arrows of docs/ARCHITECTURE.md, and what each service keeps in PostgreSQL and Redis.
PICTURE = {
    ('gateway', 'validator'), ('validator', 'risk-manager'), ('risk-manager', 'gateway'), ('executor', 'risk-manager'),
    ('risk-manager', 'audit-writer'), ('executor', 'audit-writer'), ('audit-writer', 'status-broadcaster'),
    ('status-broadcaster', 'redis'), ('gateway', 'redis'), ('executor', 'exchange'),
    ('gateway', 'postgres'), ('validator', 'postgres'), ('risk-manager', 'postgres'), ('executor', 'postgres'),
    ('audit-writer', 'postgres'), ('migrate', 'postgres'),
}
PROBE_PORT = 8090
LOADER = getattr(yaml, 'CSafeLoader', yaml.SafeLoader)  # the one in C where it is, several times as fast
NAME = 'app.kubernetes.io/name'


class Pod:
    """One pod of a workload: its name, labels, and the container that it has."""

    def __init__(self, manifests, workload, name, address):
        template = workload['spec']['template']
        self.manifests, self.workload, self.name, self.address = manifests, workload, name, address
        self.labels = template['metadata']['labels']
        self.spec = template['spec']
        self.container = self.spec['containers'][0]
        self.program = os.path.basename(self.container['command'][0]) if 'command' in self.container else None

    @property
    def kind(self):
        return self.labels[NAME]

    def ports(self):
        """Ports that the container listens on; a lane each from the port `lanes` on."""
        found = {port['containerPort'] for port in self.container.get('ports', [])}
        for port in self.container.get('ports', []):
            if port['name'] == 'lanes':
                found |= set(range(port['containerPort'], port['containerPort'] + int(self.environment()['OXE_LANES'])))
        return found

    def environment(self):
        """As the kubelet makes it: $(NAME) stands for what was said before."""
        result = {}
        for source in self.container.get('envFrom', []):
            result.update(self.manifests.data('ConfigMap', source['configMapRef']['name']))
        own = {}
        for item in self.container.get('env', []):
            if 'value' in item:
                own[item['name']] = re.sub(r'\$\((\w+)\)', lambda m: own.get(m.group(1), m.group(0)), item['value'])
            elif 'fieldRef' in item['valueFrom']:
                field = item['valueFrom']['fieldRef']['fieldPath']
                own[item['name']] = {'metadata.name': self.name, 'status.podIP': self.address}[field]
            else:
                ref = item['valueFrom']['configMapKeyRef']
                own[item['name']] = self.manifests.data('ConfigMap', ref['name']).get(ref['key'], '')
        result.update(own)
        return result

    def files(self):
        """{path: text} of what is mounted from Secrets and ConfigMaps."""
        found = {}
        volumes = {volume['name']: volume for volume in self.spec.get('volumes', [])}
        for mount in self.container.get('volumeMounts', []):
            volume = volumes.get(mount['name'], {})
            if 'secret' in volume:
                data, items = self.manifests.data('Secret', volume['secret']['secretName']), volume['secret'].get('items')
            elif 'configMap' in volume:
                data, items = self.manifests.data('ConfigMap', volume['configMap']['name']), volume['configMap'].get('items')
            else:
                continue
            for item in items or [{'key': key, 'path': key} for key in data]:
                found[os.path.join(mount['mountPath'], item['path'])] = data.get(item['key'], '')
        return found


class Manifests:
    def __init__(self, path):
        with open(path, encoding='utf-8') as file:
            self.all = [document for document in yaml.load_all(file, LOADER) if document]
        self.pods = []
        for workload in self.of('Deployment', 'StatefulSet', 'Job'):
            name, count = workload['metadata']['name'], workload['spec'].get('replicas', self.least(workload))
            for i in range(count if workload['kind'] != 'Job' else 1):
                pod = f'{name}-{i}' if workload['kind'] == 'StatefulSet' else f'{name}-7d9f8b6c5d-x{i:04}'
                self.pods.append(Pod(self, workload, pod, f'10.244.0.{len(self.pods) + 10}'))

    def of(self, *kinds):
        return [document for document in self.all if document['kind'] in kinds]

    def find(self, kind, name):
        return next((d for d in self.all if d['kind'] == kind and d['metadata']['name'] == name), None)

    def least(self, workload):
        """How many an autoscaler keeps at least."""
        for scaler in self.of('HorizontalPodAutoscaler'):
            target = scaler['spec']['scaleTargetRef']
            if (target['kind'], target['name']) == (workload['kind'], workload['metadata']['name']):
                return scaler['spec']['minReplicas']
        return 1

    def data(self, kind, name):
        found = self.find(kind, name)
        if found is None:
            return {}
        if kind == 'ConfigMap':
            return found.get('data', {})
        return {key: base64.b64decode(text).decode() for key, text in found.get('data', {}).items()}

    def selected(self, selector):
        return [pod for pod in self.pods if matches(selector, pod.labels)]

    def hosts(self):
        """{name: [pod]}: what the cluster's names stand for. A headless Service names each pod of a StatefulSet, too."""
        found = {}
        for service in self.of('Service'):
            name = service['metadata']['name']
            pods = self.selected({'matchLabels': service['spec']['selector']})
            found[name] = pods
            for pod in pods:
                if pod.workload['kind'] == 'StatefulSet' and pod.workload['spec']['serviceName'] == name:
                    found[f'{pod.name}.{name}'] = [pod]
        return found

    def allows(self, source, target, port):
        """Whether the NetworkPolicies let a pod speak to another one, or to what is outside (None)."""
        return self.rule(source, target, port, 'Egress') and (target is None or self.rule(target, source, port, 'Ingress'))

    def rule(self, pod, peer, port, direction):
        binding, way = False, direction.lower()
        for policy in self.of('NetworkPolicy'):
            spec = policy['spec']
            if direction not in spec['policyTypes'] or not matches(spec['podSelector'], pod.labels):
                continue
            binding = True
            for rule in spec.get(way, []):
                peers = rule.get('to' if way == 'egress' else 'from')
                ports = rule.get('ports')
                if (peers is None or any(self.is_peer(item, peer) for item in peers)) and (
                        ports is None or any(item['port'] <= port <= item.get('endPort', item['port']) for item in ports)):
                    return True
        return not binding

    @staticmethod
    def is_peer(item, peer):
        if peer is None:
            return 'ipBlock' in item
        return 'podSelector' in item and 'namespaceSelector' not in item and matches(item['podSelector'], peer.labels)


def matches(selector, labels):
    wanted = all(labels.get(key) == value for key, value in selector.get('matchLabels', {}).items())
    operators = {'In': lambda has, values: has in values, 'NotIn': lambda has, values: has not in values}
    return wanted and all(operators[e['operator']](labels.get(e['key']), e['values'])
                          for e in selector.get('matchExpressions', []))


def endpoints(pod):
    """(host, port) of every connection that the pod's settings and files ask for."""
    env, found = pod.environment(), []
    for name, value in env.items():
        if name == 'OXE_PROBES':
            found += [(host, int(port)) for host, port in re.findall(r'=([^:,]+):(\d+)', value)]
        elif name == 'OXE_RISK_LANES':
            for host, port in re.findall(r'tcp://([^:,]+):(\d+)', value):
                found += [(host, int(port) + lane) for lane in range(int(env['OXE_LANES']))]
        elif not name.endswith('_BIND') and name != 'OXE_ANSWER_ADDRESS':
            found += [(host, int(port)) for host, port in re.findall(r'(?:tcp|redis)://(?:\w+@)?([^:,/@]+):(\d+)', value)]
        if name == 'OXE_JWKS' and value.startswith('https://'):
            found.append((value.split('/')[2], 443))
    if 'OXE_FIX_HOST' in env:
        found.append((env['OXE_FIX_HOST'], int(env['OXE_FIX_PORT'])))
    for path, text in pod.files().items():
        if re.search(r'^host=', text, re.M):
            port = re.search(r'\bport=(\d+)', text)
            found.append((re.search(r'^host=([^\s]+)', text, re.M).group(1), int(port.group(1)) if port else 5432))
        if path.endswith('/policy') and pod.kind == 'audit-writer':
            found += [(host, int(port)) for host, port in re.findall(r' http://([^:/\s]+):(\d+)', text)]
    if pod.kind == 'risk-manager':
        # Answers go back to whoever asked, by the address that the request names.
        found += [(gateway.address, int(re.search(r':(\d+)#', gateway.environment()['OXE_ANSWER_ADDRESS']).group(1)))
                  for gateway in pod.manifests.pods if gateway.kind == 'gateway']
    return found


def edges(manifests):
    """(pod, host, port, [pods that the host stands for; none: it is outside])."""
    hosts = manifests.hosts()
    hosts.update({pod.address: [pod] for pod in manifests.pods})
    for pod in manifests.pods:
        for host, port in endpoints(pod):
            yield pod, host, port, hosts.get(host, [])


OUTSIDE = {5432: 'postgres', 6379: 'redis', 9880: 'exchange', 443: 'identity-provider'}


def network_faults(manifests):
    seen, wanted = set(), set()
    for pod, host, port, targets in edges(manifests):
        if not targets and '.example.com' not in host:
            yield f'{pod.name} connects to {host}, which nothing is called'
        for target in targets or [None]:
            kind = target.kind if target else OUTSIDE.get(port, f'port {port}')
            if port != PROBE_PORT:
                seen.add((pod.kind, 'exchange' if kind == 'exchange-sim' else kind))
            if target is not None:
                wanted.add((pod.kind, kind, port))
                if port not in target.ports():
                    yield f'{pod.name} connects to port {port} of {target.name}, where nothing listens'
            if not manifests.allows(pod, target, port):
                yield f'NetworkPolicies forbid {pod.name} to connect to {host}:{port}'
    for source, target in sorted(PICTURE - seen):
        yield f'no setting leads from {source} to {target}, as the picture has it'
    # Nothing beyond: each port of each pod is open to whom a setting leads there.
    for source in manifests.pods:
        for target in manifests.pods:
            for port in target.ports() - {PROBE_PORT}:
                if source.kind != target.kind and manifests.allows(source, target, port) and \
                        (source.kind, target.kind, port) not in wanted and 'traders' != source.kind:
                    yield f'NetworkPolicies let {source.name} connect to {target.name}:{port}, which it has no need to'


def selector_faults(manifests):
    for document in manifests.all:
        kind, name, spec = document['kind'], document['metadata']['name'], document.get('spec', {})
        where, selectors = f'{kind} {name}', []
        if kind == 'Service':
            selectors = [{'matchLabels': spec['selector']}]
        elif kind in ('PodDisruptionBudget', 'Deployment', 'StatefulSet'):
            selectors = [spec['selector']]
        elif kind == 'NetworkPolicy':
            selectors = [spec['podSelector']]
            selectors += [peer['podSelector'] for rule in spec.get('ingress', []) + spec.get('egress', [])
                          for peer in rule.get('to', []) + rule.get('from', [])
                          if 'podSelector' in peer and 'namespaceSelector' not in peer]
        if kind in ('Deployment', 'StatefulSet'):
            template = spec['template']
            if not matches(spec['selector'], template['metadata']['labels']):
                yield f'{where} does not select its own pods'
            selectors += [item['labelSelector'] for item in template['spec'].get('topologySpreadConstraints', [])]
        for selector in selectors:
            if not manifests.selected(selector):
                yield f'{where} has a selector that matches nothing: {json.dumps(selector)}'
            for expression in selector.get('matchExpressions', []):
                for value in expression['values']:
                    if expression['key'] == NAME and not any(pod.kind == value for pod in manifests.pods):
                        yield f'{where} names {value}, which no pod is called'
        if kind == 'Service':
            for port in spec['ports']:
                for pod in manifests.selected({'matchLabels': spec['selector']}):
                    declared = [p['name'] for p in pod.container.get('ports', [])] + \
                               [p['containerPort'] for p in pod.container.get('ports', [])]
                    if port['targetPort'] not in declared:
                        yield f'{where} leads to port {port["targetPort"]}, which {pod.name} does not have'
        if kind == 'StatefulSet':
            service = manifests.find('Service', spec['serviceName'])
            if service is None or service['spec'].get('clusterIP') != 'None':
                yield f'{where} has no headless Service {spec["serviceName"]}'
        if kind == 'HorizontalPodAutoscaler' and manifests.find(spec['scaleTargetRef']['kind'], spec['scaleTargetRef']['name']) is None:
            yield f'{where} scales {spec["scaleTargetRef"]["name"]}, which there is not'
        if kind == 'Ingress':
            for path in [path for rule in spec['rules'] for path in rule['http']['paths']]:
                service = manifests.find('Service', path['backend']['service']['name'])
                if service is None or path['backend']['service']['port']['name'] not in [p['name'] for p in service['spec']['ports']]:
                    yield f'{where} leads to a Service or port that there is not'


def reference_faults(manifests):
    used = set()
    for workload in manifests.of('Deployment', 'StatefulSet', 'Job'):
        where = f'{workload["kind"]} {workload["metadata"]["name"]}'
        spec = workload['spec']['template']['spec']
        if 'serviceAccountName' in spec and manifests.find('ServiceAccount', spec['serviceAccountName']) is None:
            yield f'{where} runs as {spec["serviceAccountName"]}, which there is not'
        wanted = []
        for container in spec['containers']:
            wanted += [('ConfigMap', item['configMapRef']['name'], None) for item in container.get('envFrom', [])]
            for item in container.get('env', []):
                for kind, ref in (('ConfigMap', 'configMapKeyRef'), ('Secret', 'secretKeyRef')):
                    if ref in item.get('valueFrom', {}):
                        wanted.append((kind, item['valueFrom'][ref]['name'], item['valueFrom'][ref]['key']))
            mounted = {mount['name'] for mount in container.get('volumeMounts', [])}
            claims = {claim['metadata']['name'] for claim in workload['spec'].get('volumeClaimTemplates', [])}
            for name in mounted ^ ({volume['name'] for volume in spec.get('volumes', [])} | claims):
                yield f'{where} has the volume {name} without its mount, or the mount without its volume'
        for volume in spec.get('volumes', []):
            for kind, ref, name in (('ConfigMap', 'configMap', 'name'), ('Secret', 'secret', 'secretName')):
                if ref in volume:
                    wanted.append((kind, volume[ref][name], None))
                    wanted += [(kind, volume[ref][name], item['key']) for item in volume[ref].get('items', [])]
        for kind, name, key in wanted:
            used.add((kind, name))
            if manifests.find(kind, name) is None:
                yield f'{where} wants {kind} {name}, which nobody declares'
            elif key is not None and key not in manifests.data(kind, name):
                yield f'{where} wants {key} of {kind} {name}, which nobody declares'
    for document in manifests.of('ConfigMap', 'Secret'):
        if (document['kind'], document['metadata']['name']) not in used:
            yield f'{document["kind"]} {document["metadata"]["name"]} is of use to nobody'
    # A file that a setting names is one that is mounted.
    for pod in manifests.pods:
        mounts = [mount['mountPath'] for mount in pod.container.get('volumeMounts', [])]
        for name, value in pod.environment().items():
            if value.startswith('/etc/oxe/') and value not in pod.files() and value not in mounts:
                yield f'{pod.name} has {name}={value}, where no file is mounted'


def hardening_faults(manifests):
    wanted = {'allowPrivilegeEscalation': False, 'readOnlyRootFilesystem': True, 'capabilities': {'drop': ['ALL']}}
    for workload in manifests.of('Deployment', 'StatefulSet', 'Job'):
        where = f'{workload["kind"]} {workload["metadata"]["name"]}'
        spec = workload['spec']['template']['spec']
        context = spec.get('securityContext', {})
        if not context.get('runAsNonRoot') or context.get('seccompProfile') != {'type': 'RuntimeDefault'} or not context.get('runAsUser'):
            yield f'{where} may run as root, or without seccomp'
        if spec.get('automountServiceAccountToken') is not False:
            yield f'{where} has a token of the cluster'
        for container in spec['containers']:
            if container.get('securityContext') != wanted:
                yield f'{where} has privileges'
            resources = container.get('resources', {})
            if not {'cpu', 'memory'} <= set(resources.get('requests', {})) or 'memory' not in resources.get('limits', {}):
                yield f'{where} says not what it needs'
            if container.get('command', [''])[0].startswith('oxe-'):
                for probe, path in (('startupProbe', '/healthz'), ('livenessProbe', '/healthz'), ('readinessProbe', '/readyz')):
                    if container.get(probe, {}).get('httpGet') != {'path': path, 'port': 'probe'}:
                        yield f'{where} has no {probe}'


def list_faults(manifests):
    """A list of names has each pod of its StatefulSet, in order: hash(trader) mod R is the same for all."""
    lists = {'OXE_VALIDATORS': 'validator', 'OXE_RISK_MANAGERS': 'risk-manager', 'OXE_RISK_LANES': 'risk-manager', 'OXE_AUDIT_WRITERS': 'audit-writer'}
    for pod in manifests.pods:
        for name, kind in lists.items():
            if name in pod.environment():
                said = re.findall(r'tcp://([^:,]+):', pod.environment()[name])
                there = [f'{other.name}.{kind}' for other in manifests.pods if other.kind == kind]
                if said != there:
                    yield f'{pod.name} has {name} with {said}, and there are {there}'


def variable_faults(manifests, bin_folder):
    known, used = {}, {}
    for pod in manifests.pods:
        if not (pod.program or '').startswith('oxe-'):
            continue
        if pod.program not in known:
            text = subprocess.run([program_path(bin_folder, pod.program), '--help'], capture_output=True, text=True, check=True).stdout
            names = set(re.findall(r'^  ([A-Z][A-Z0-9_]+)$', text, re.M))
            known[pod.program] = names | {name + '_FILE' for name in names}
        said = {item['name'] for item in pod.container.get('env', [])}
        for source in pod.container.get('envFrom', []):
            said |= set(manifests.data('ConfigMap', source['configMapRef']['name']))
        text = json.dumps(pod.container)
        for name in sorted(said - known[pod.program]):
            if f'$({name})' not in text:
                yield f'{pod.name} has {name}, which {pod.program} does not know'


def metric_faults(manifests, root):
    """What autoscalers go by is made by the adapter's rules, from metrics that the suite has."""
    with open(os.path.join(root, 'deploy/kubernetes/overlays/production/prometheus-adapter.yaml'), encoding='utf-8') as file:
        rules = {rule['name']['as']: rule for rule in yaml.safe_load(file)['rules']['custom']}
    sources = ''
    for kind in '*.c', '*.def':
        for path in glob.glob(os.path.join(root, 'services', '**', kind), recursive=True):
            with open(path, encoding='utf-8') as file:
                sources += file.read()
    for scaler in manifests.of('HorizontalPodAutoscaler'):
        for metric in scaler['spec']['metrics']:
            name = metric.get('pods', {}).get('metric', {}).get('name')
            if name is not None and name not in rules:
                yield f'HorizontalPodAutoscaler {scaler["metadata"]["name"]} goes by {name}, which no rule makes'
    for name, rule in rules.items():
        for series in set(re.findall(r'\boxe_\w+', rule['seriesQuery'] + rule['metricsQuery'])):
            if f'"{re.sub(r"_(sum|count|bucket)$", "", series)}"' not in sources:
                yield f'the rule for {name} asks for {series}, which nothing measures'


def program_path(bin_folder, program):
    return os.path.join(bin_folder, 'services', program.removeprefix('oxe-'), program)


def prepare(pod, folder):
    """Puts the pod's files below folder; returns what says where they are: text -> text."""
    for path, text in pod.files().items():
        target = folder + path
        os.makedirs(os.path.dirname(target), exist_ok=True)
        with open(target, 'w', encoding='utf-8') as file:
            file.write(text)
    mounts = [re.escape(mount['mountPath']) for mount in pod.container.get('volumeMounts', [])]
    pattern = re.compile(r'(?<![\w/.-])(%s)(?![\w.-])' % '|'.join(sorted(mounts, key=len, reverse=True))) if mounts else None

    def moved(text):
        return pattern.sub(lambda match: folder + match.group(1), text) if pattern else text
    return moved


def check(manifests, bin_folder, folder):
    failed = False
    for pod in manifests.pods:
        if not (pod.program or '').startswith('oxe-'):
            continue
        moved = prepare(pod, os.path.join(folder, pod.name))
        environment = {name: moved(value) for name, value in pod.environment().items()}
        done = subprocess.run([program_path(bin_folder, pod.program), '--check'], capture_output=True, text=True, env=environment, check=False)
        if done.returncode != 0:
            failed = True
            print(f'{pod.name}: {pod.program} --check: {done.stderr.strip()}')
    return failed


def types(manifests):
    """Each manifest as an object of its type: TypeScript refuses fields that the type does not have."""
    imports = {}
    lines = []
    for i, document in enumerate(manifests.all):
        group, _, version = document['apiVersion'].rpartition('/')
        module = f'kubernetes-types/{group.split(".")[0] or "core"}/{version}'
        imports.setdefault(module, set()).add(document['kind'])
        lines.append(f'export const m{i}: {document["kind"]} = {json.dumps(document, indent=1)};')
    for module, names in sorted(imports.items()):
        print(f'import type {{ {", ".join(sorted(names))} }} from "{module}";')
    print('\n'.join(lines))


def main(arguments):
    manifests = Manifests(arguments[1])
    if arguments[0] == 'types':
        types(manifests)
    elif arguments[0] == 'edges':
        for pod, host, port, _ in edges(manifests):
            print(pod.name, host, port)
    elif arguments[0] == 'check':
        return check(manifests, arguments[2], arguments[3])
    elif arguments[0] == 'faults':
        root = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
        found = sorted({fault for faults in (
            selector_faults(manifests), reference_faults(manifests), network_faults(manifests), hardening_faults(manifests),
            list_faults(manifests), variable_faults(manifests, arguments[2]), metric_faults(manifests, root)) for fault in faults})
        print('\n'.join(found), end='\n' if found else '')
        return bool(found)
    return False


if __name__ == '__main__':
    sys.exit(1 if main(sys.argv[1:]) else 0)
