import { run } from './command.ts';
import { waitFor } from './waiting.ts';

/** An isolated network: a namespace of its own with a bridge, and a tap on it for a virtual machine. */
export interface Network {
  /** The namespace; the server lives in it. */
  readonly name: string;
  readonly bridge: string;
  readonly tap: string;
  /** Puts one more host on the bridge: a namespace with an interface `eth0`, up and without an address. Gives the namespace. */
  addHost(name: string, mac?: string): Promise<string>;
  /**
   * One more network, without the bridge: an interface `name` of the server, or of the namespace `near`, with this address, and a
   * host at its other end.
   */
  addLink(name: string, address: string, near?: string): Promise<string>;
  /** Ends what still runs in the namespaces and removes them, whatever state they are in. */
  close(): Promise<void>;
}

/**
 * Makes the network `<prefix>-<pid of this process>`, with `address` ("192.168.50.1/24") on the bridge. What earlier runs of that
 * prefix left behind because they were killed is removed first. Needs root.
 */
export async function openNetwork(prefix: string, address: string): Promise<Network> {
  const name = `${prefix}-${process.pid}`;
  const [bridge, tap] = ['br0', 'tap0'];
  const close = (): Promise<void> => remove((owner, found) => found === name || owner === process.pid, prefix);
  await remove((owner) => owner === process.pid || !isAlive(owner), prefix);
  try {
    await run('ip', 'netns', 'add', name);
    await run('ip', '-n', name, 'link', 'set', 'lo', 'up');
    // Without spanning tree and its delay a port forwards at once; firmware gives up before 30 seconds have passed.
    await run('ip', '-n', name, 'link', 'add', bridge, 'type', 'bridge', 'stp_state', '0', 'forward_delay', '0');
    await run('ip', '-n', name, 'addr', 'add', address, 'dev', bridge);
    await run('ip', '-n', name, 'link', 'set', bridge, 'up');
    await run('ip', 'netns', 'exec', name, 'ip', 'tuntap', 'add', tap, 'mode', 'tap');
    await run('ip', '-n', name, 'link', 'set', tap, 'master', bridge, 'up');
    // A tap without a machine is an unplugged cable, and so is a bridge of only such: as with a switch, one port is always lit.
    await run('ip', '-n', name, 'link', 'add', 'lit0', 'type', 'veth', 'peer', 'name', 'lit1');
    await run('ip', '-n', name, 'link', 'set', 'lit1', 'up');
    await run('ip', '-n', name, 'link', 'set', 'lit0', 'master', bridge, 'up');
  } catch (cause) {
    await close();
    throw cause;
  }

  /** A namespace `<network>-<host>` whose `eth0` is the other end of the interface `host` of `near`. */
  const connect = async (host: string, near: string, mac?: string): Promise<string> => {
    const other = `${name}-${host}`;
    const address = mac === undefined ? [] : ['address', mac];
    await run('ip', 'netns', 'add', other);
    await run(
      'ip',
      '-n',
      near,
      'link',
      'add',
      host,
      'type',
      'veth',
      'peer',
      'name',
      'eth0',
      ...address,
      'netns',
      other,
    );
    await run('ip', '-n', near, 'link', 'set', host, 'up');
    await run('ip', '-n', other, 'link', 'set', 'lo', 'up');
    await run('ip', '-n', other, 'link', 'set', 'eth0', 'up');
    return other;
  };
  const addHost = async (host: string, mac?: string): Promise<string> => {
    const other = await connect(host, name, mac);
    await run('ip', '-n', name, 'link', 'set', host, 'master', bridge);
    return other;
  };
  const addLink = async (link: string, address: string, near = name): Promise<string> => {
    const other = await connect(link, near);
    await run('ip', '-n', near, 'addr', 'add', address, 'dev', link);
    return other;
  };
  return { name, bridge, tap, addHost, addLink, close };
}

/** Removes the namespaces of this prefix whose owner (the process id in the name) the caller wants gone. */
async function remove(wanted: (owner: number, name: string) => boolean, prefix: string): Promise<void> {
  const list = await run('ip', 'netns', 'list');
  const names = list.split('\n').map((line) => line.split(' ')[0] ?? '');
  for (const name of names) {
    const owner = /^-(\d+)(?:-|$)/.exec(name.startsWith(prefix) ? name.slice(prefix.length) : '')?.[1];
    if (owner === undefined || !wanted(Number(owner), name)) continue;
    await waitFor(`an empty namespace ${name}`, 5000, () => killAll(name));
    await run('ip', 'netns', 'del', name);
  }
}

/** Kills every process of one namespace; true when there was none left. */
async function killAll(name: string): Promise<true | undefined> {
  const pids = (await run('ip', 'netns', 'pids', name)).split('\n').filter((pid) => pid !== '');
  for (const pid of pids) signal(Number(pid), 'SIGKILL');
  return pids.length === 0 ? true : undefined;
}

function isAlive(pid: number): boolean {
  return signal(pid, 0);
}

/** False when there is no such process any more. */
function signal(pid: number, name: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(pid, name);
  } catch {
    return false;
  }
}
