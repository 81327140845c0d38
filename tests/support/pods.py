# SPDX-License-Identifier: Apache-2.0
"""The pods of rendered manifests, run for real without a cluster: each in a network namespace with an address of its own, with the
environment, files and user that the manifests give it, names as a cluster's DNS has them, and the NetworkPolicies as packet filters.
PostgreSQL and Redis are the machine's. Prints TAP. As root, in namespaces of its own:

    unshare --net --mount --propagation private python3 pods.py FILE BIN DIR

What an image holds besides the programs, scheduling and volumes' drivers are not part of it. Ends what it started.
"""
import os
import re
import shutil
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request

from manifests import PROBE_PORT, Manifests, prepare, program_path

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
NODE, NAME_SERVER = '10.244.0.1', '10.244.255.254'
POSTGRES = '/usr/lib/postgresql/15/bin'
READY_S, ORDER_S, SLOW_S = 60, 40, 1.5


def run(command):
    subprocess.run(command, shell=True, check=True)


class Cluster:
    def __init__(self, path, bin_folder, folder):
        self.manifests, self.bin, self.folder = Manifests(path), bin_folder, folder
        self.share = os.path.join(folder, 'share')
        self.names = os.path.join(folder, 'hosts')
        self.holders, self.processes, self.links, self.number, self.failed = {}, {}, 0, 0, 0

    def fact(self, name, said=None):
        """said: what is wrong, or nothing."""
        self.number += 1
        self.failed += bool(said)
        print(f'{"not " if said else ""}ok {self.number} - {name}')
        print(''.join(f'# {line}\n' for line in (said or '').splitlines()[:40]), end='', flush=True)

    def pod(self, name):
        return next(pod for pod in self.manifests.pods if pod.name == name or pod.kind == name)

    # --- the network ---
    def begin(self):
        os.makedirs(os.path.join(self.share, 'web'))
        os.symlink(os.path.join(ROOT, 'migrations'), os.path.join(self.share, 'migrations'))
        for name in ('instruments.csv', 'reference.sql', 'demo-traders.sql'):
            shutil.copy(os.path.join(ROOT, 'deploy/local', name), self.share)
        # Who asks for a name that there is not gets no answer: the worst that a cluster's DNS can do.
        with open(os.path.join(self.folder, 'resolv.conf'), 'w', encoding='utf-8') as file:
            file.write(f'nameserver {NAME_SERVER}\noptions timeout:1 attempts:2\n')
        run(f'ip link set lo up; ip link add br0 type bridge; ip addr add {NODE}/16 dev br0; ip addr add {NAME_SERVER}/16 dev br0; '
            f'ip link set br0 up; iptables -A INPUT -d {NAME_SERVER} -j DROP')
        self.write_names()
        for pod in self.manifests.pods:
            self.hold(pod)
        for pod in self.manifests.pods:
            self.filter(pod)

    def write_names(self, without=None):
        with open(self.names, 'w', encoding='utf-8') as file:
            file.write('127.0.0.1 localhost\n')
            file.writelines(f'{pod.address} {name}\n' for name, pods in self.manifests.hosts().items() for pod in pods if pod is not without)

    def hold(self, pod):
        """The pod's namespaces and interface."""
        holder = subprocess.Popen(
            ['unshare', '--net', '--mount', 'sh', '-c', f'mount --bind {self.names} /etc/hosts && '
             f'mount --bind {self.folder}/resolv.conf /etc/resolv.conf && echo held && exec sleep infinity'], stdout=subprocess.PIPE, start_new_session=True)
        assert holder.stdout.readline() == b'held\n'
        self.holders[pod.name], self.links = holder, self.links + 1
        link = f'veth{self.links}'
        run(f'ip link add {link} type veth peer name eth0 netns {holder.pid} && ip link set {link} master br0 up')
        self.inside(pod, ['sh', '-c', f'ip addr add {pod.address}/16 dev eth0 && ip link set eth0 up && ip link set lo up'], check=True)

    def filter(self, pod):
        """What the NetworkPolicies let in and out. The node's kubelet always may."""
        rules = [':INPUT DROP', ':OUTPUT DROP', '-A INPUT -i lo -j ACCEPT', '-A OUTPUT -o lo -j ACCEPT', f'-A INPUT -s {NODE} -j ACCEPT',
                 f'-A OUTPUT -d {NAME_SERVER} -p udp --dport 53 -j ACCEPT', '-A INPUT -m conntrack --ctstate ESTABLISHED,RELATED -j ACCEPT',
                 '-A OUTPUT -m conntrack --ctstate ESTABLISHED,RELATED -j ACCEPT']
        for other in self.manifests.pods:
            rules += [f'-A OUTPUT -d {other.address} -p tcp --dport {port} -j ACCEPT'
                      for port in other.ports() if self.manifests.rule(pod, other, port, 'Egress')]
            rules += [f'-A INPUT -s {other.address} -p tcp --dport {port} -j ACCEPT'
                      for port in pod.ports() if self.manifests.rule(pod, other, port, 'Ingress')]
        self.inside(pod, ['iptables-restore'], input='*filter\n' + '\n'.join(rules) + '\nCOMMIT\n', text=True, check=True)

    def inside(self, pod, command, **options):
        command = ['nsenter', '-t', str(self.holders[pod.name].pid), '-n', '-m', *command]
        return subprocess.run(command, check=options.pop('check', False), **options)

    # --- the processes ---
    def start(self, pod):
        folder = os.path.join(self.folder, pod.name)
        mounted = prepare(pod, folder)
        for mount in pod.container.get('volumeMounts', []):
            os.makedirs(folder + mount['mountPath'], exist_ok=True)

        def moved(text):
            return mounted(text).replace('/usr/share/oxe', self.share)
        for path in pod.files():
            if path.endswith('.sh'):
                with open(folder + path, 'r+', encoding='utf-8') as file:
                    text = moved(file.read())
                    file.seek(0)
                    file.write(text)
        user = pod.spec['securityContext']['runAsUser']
        command = [moved(word) for word in pod.container.get('command', [])]
        if pod.kind == 'postgres':
            user, command = self.make_database(folder, pod)
        elif pod.program.startswith('oxe-'):
            command[0] = program_path(self.bin, pod.program)
        # A Secret's files belong to root and the pod's group, which alone may read them.
        run(f'chown -R {user}:{user} {folder}; find {folder}/etc -type f -exec chown root:{user} {{}} + -exec chmod 440 {{}} + 2>/dev/null || :')
        environment = {'PATH': '/usr/local/bin:/usr/bin:/bin', **{name: moved(value) for name, value in pod.environment().items()}}
        with open(os.path.join(self.folder, pod.name + '.log'), 'a', encoding='utf-8') as log:
            self.processes[pod.name] = subprocess.Popen(
                ['nsenter', '-t', str(self.holders[pod.name].pid), '-n', '-m', 'setpriv', f'--reuid={user}', f'--regid={user}', '--clear-groups',
                 '--no-new-privs', '--bounding-set=-all', '--inh-caps=-all', *command], env=environment, cwd='/', stdout=log, stderr=log, start_new_session=True)

    def make_database(self, folder, pod):
        """What the image of PostgreSQL does with its variables; returns who runs it and how."""
        data, env = folder + '/var/lib/postgresql/data', pod.environment()
        run(f'install -d -o postgres -g postgres -m 700 {data}')
        run(f'install -o postgres -m 400 {folder}{env["POSTGRES_PASSWORD_FILE"]} {self.folder}/owner')
        run(f'cd / && setpriv --reuid=postgres --regid=postgres --clear-groups {POSTGRES}/initdb -D {data} -N -A scram-sha-256 '
            f'-U {env["POSTGRES_USER"]} --pwfile={self.folder}/owner >{self.folder}/initdb.log')
        with open(data + '/pg_hba.conf', 'w', encoding='utf-8') as file:
            file.write('local all all trust\nhost all all all scram-sha-256\n')
        self.socket = folder
        return 'postgres', [f'{POSTGRES}/postgres', '-D', data, '-k', folder, '-c', 'listen_addresses=*', '-c', 'fsync=off', *pod.container['args'][1:]]

    def finish_job(self, name):
        """As a Job does: again, until it succeeds."""
        deadline = time.monotonic() + READY_S
        while True:
            self.start(self.pod(name))
            if self.processes[self.pod(name).name].wait() == 0 or time.monotonic() > deadline:
                return self.processes[self.pod(name).name].returncode
            time.sleep(0.5)

    def probe(self, pod, path):
        try:
            with urllib.request.urlopen(f'http://{pod.address}:{PROBE_PORT}{path}', timeout=2) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()
        except OSError as error:
            return 0, str(error)

    def unready(self, pods, seconds=READY_S):
        """What each pod that is not ready in time says."""
        deadline = time.monotonic() + seconds
        waiting = list(pods)
        while waiting and time.monotonic() < deadline:
            waiting = [pod for pod in waiting if self.probe(pod, '/readyz')[0] != 200]
            time.sleep(0.1)
        return '\n'.join(f'{pod.name}: {self.probe(pod, "/readyz")[1]}\n{self.last_words(pod)}' for pod in waiting)

    def last_words(self, pod):
        with open(os.path.join(self.folder, pod.name + '.log'), encoding='utf-8') as log:
            return ''.join(log.readlines()[-5:])

    def oxectl(self, *arguments):
        """Beside the gateway, as through `kubectl port-forward`."""
        gateway = self.pod('gateway')
        secrets = os.path.join(self.folder, gateway.name)
        environment = {'PATH': '/usr/bin:/bin', 'OXE_DEVELOPMENT_KEYS': secrets + '/etc/oxe/issuer', 'OXE_AUDIT_POLICY': secrets + '/etc/oxe/audit/policy'}
        return self.inside(gateway, [os.path.join(self.bin, 'services/oxectl/oxectl'), *arguments], env=environment, capture_output=True, text=True)

    def unfilled(self, seconds=ORDER_S):
        """What is said of an order that does not fill in time."""
        deadline = time.monotonic() + seconds
        while True:
            done = self.oxectl('submit', '--wait', 'AAPL', 'BUY', '1', 'MARKET')
            if 'status   FILLED' in done.stdout or time.monotonic() > deadline:
                return None if 'status   FILLED' in done.stdout else done.stdout + done.stderr
            time.sleep(0.5)

    def kill(self, pod):
        for process in (self.processes.pop(pod.name), self.holders.pop(pod.name)):
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()

    def slow_without(self, name):
        """Which orders take long while a pod is gone for good, and its name."""
        pod, slow = self.pod(name), ''
        self.kill(pod)
        self.write_names(without=pod)
        for _ in range(10):
            begun = time.monotonic()
            said = self.unfilled()
            took = time.monotonic() - begun
            slow += said or ''
            slow += f'an order took {took:.2f} s\n' if took > SLOW_S else ''
        self.hold(pod)
        self.filter(pod)
        self.start(pod)
        self.write_names()
        return slow

    def unseen(self, pod):
        """Whether those who connect to it by its name have found it: validators count risk-managers, a validator its orders."""
        deadline = time.monotonic() + READY_S
        while time.monotonic() < deadline:
            if pod.kind == 'risk-manager' and all('2 of 2 take orders' in self.probe(other, '/readyz')[1]
                                                  for other in self.manifests.pods if other.kind == 'validator'):
                return None
            if pod.kind == 'validator' and re.search(r'^oxe_validator_orders_total.* [1-9]', self.probe(pod, '/metrics')[1], re.M):
                return None
            if pod.kind not in ('risk-manager', 'validator'):
                return None
            self.unfilled()
        return f'nobody speaks to {pod.name} at its new address'

    def move(self, name):
        """The pod dies with its node, and comes back under another address."""
        pod = self.pod(name)
        self.kill(pod)
        pod.address = f'10.244.1.{self.links}'
        self.write_names()
        self.hold(pod)
        for other in self.manifests.pods:
            self.filter(other)
        self.start(pod)
        return pod

    def reaches(self, source, target, port):
        done = self.inside(source, ['timeout', '0.3', 'bash', '-c', f'exec 3<>/dev/tcp/{target.address}/{port}'], stderr=subprocess.DEVNULL)
        return done.returncode == 0

    def end(self):
        for process in [*self.processes.values(), *self.holders.values()]:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()


def main(path, bin_folder, folder):
    cluster = Cluster(path, bin_folder, folder)
    suite = [pod for pod in cluster.manifests.pods if pod.program and pod.program.startswith('oxe-')]
    try:
        cluster.begin()
        # All at once, as a cluster does: the services find no tables at first.
        cluster.start(cluster.pod('postgres'))
        cluster.start(cluster.pod('redis'))
        for pod in suite:
            cluster.start(pod)
        run(f'for i in $(seq 100); do {POSTGRES}/pg_isready -q -h {cluster.socket} && break; sleep 0.1; done; '
            f'cd / && setpriv --reuid=postgres --clear-groups {POSTGRES}/createdb -h {cluster.socket} -U oxe oxe')
        cluster.fact('the_migrations_run_as_the_job_has_them', None if cluster.finish_job('migrate') == 0 else cluster.last_words(cluster.pod('migrate')))
        cluster.fact('the_demo_has_its_traders', None if cluster.finish_job('traders') == 0 else cluster.last_words(cluster.pod('traders')))
        cluster.fact('every_pod_is_ready_though_it_began_before_the_tables', cluster.unready(suite))
        if cluster.failed:
            raise SystemExit(f'1..{cluster.number}')
        cluster.fact('an_order_fills_over_tcp_with_curve', cluster.unfilled())
        heads = cluster.oxectl('audit', 'heads')
        cluster.fact('witnesses_cosign_the_log', None if heads.returncode == 0 else heads.stdout + heads.stderr)
        cluster.fact('orders_are_quick_while_a_name_is_gone_and_the_name_server_is_silent', cluster.slow_without('risk-manager-0'))
        for name in ('validator-0', 'risk-manager-0', 'audit-writer-0', 'gateway', 'executor-0', 'exchange-sim'):
            pod = cluster.move(name)
            cluster.fact(f'orders_fill_when_{name}_has_another_address', cluster.unready([pod]) or cluster.unseen(pod) or cluster.unfilled())
        cluster.fact('the_policies_hold', '\n'.join(
            f'{source.name} reaches {target.name}:{port}' for source, target, port in (
                (cluster.pod('validator'), cluster.pod('audit-writer'), 5557), (cluster.pod('gateway'), cluster.pod('risk-manager'), 5556),
                (cluster.pod('executor'), cluster.pod('redis'), 6379), (cluster.pod('redis'), cluster.pod('gateway'), 8080),
                (cluster.pod('witness'), cluster.pod('postgres'), 5432)) if cluster.reaches(source, target, port)))
        cluster.fact('and_would_be_seen_to_let_in', None if cluster.reaches(cluster.pod('gateway'), cluster.pod('validator'), 5555) else 'nothing is reached')
    finally:
        cluster.end()
    print(f'1..{cluster.number}')
    return cluster.failed


if __name__ == '__main__':
    sys.exit(1 if main(*sys.argv[1:4]) else 0)
