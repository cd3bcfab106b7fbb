import { describe, expect, test } from 'vitest';
import { MoshReach } from './mosh-reach.ts';

const LOCAL = '192.0.2.1';
const from = (address: string) => ({ address, port: 40_000 });

describe('whether clients get through', () => {
  test('one from another machine proves the way, and forgets who was waited for in vain', () => {
    const reach = new MoshReach();
    reach.unheard();
    reach.unheard();
    expect(reach.counts).toEqual({ heard: 0, unheard: 2, lastFromElsewhere: null });
    reach.heard(from('198.51.100.7'), LOCAL, 1000);
    expect(reach.counts).toEqual({ heard: 1, unheard: 0, lastFromElsewhere: { address: '198.51.100.7', at: 1000 } });
    reach.unheard();
    expect(reach.counts.unheard).toBe(1);
  });

  test.each(['127.0.0.1', '::1', LOCAL])('%s is this machine and proves nothing', (address) => {
    const reach = new MoshReach();
    reach.unheard();
    reach.heard(from(address), LOCAL, 1000);
    expect(reach.counts).toEqual({ heard: 1, unheard: 1, lastFromElsewhere: null });
  });
});
