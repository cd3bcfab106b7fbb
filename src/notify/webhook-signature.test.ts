import { expect, test } from 'vitest';
import { parseWebhookSecret, webhookHeaders } from './webhook-signature.ts';

/** The vector of the reference implementations. */
const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';

test('the signature is the one of the reference implementations', () => {
  const headers = webhookHeaders(
    'msg_p5jXN8AQM9LWM0D4loKWxJek',
    1_614_265_330_999,
    '{"test": 2432232314}',
    parseWebhookSecret(SECRET),
  );
  expect(headers).toEqual({
    'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
    'webhook-timestamp': '1614265330',
    'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
  });
});

test('without a secret a message has its identity only', () => {
  expect(Object.keys(webhookHeaders('msg_1', 0, '', null))).toEqual(['webhook-id', 'webhook-timestamp']);
});

test.each([
  ['no prefix', SECRET.slice(6)],
  ['too short', `whsec_${Buffer.alloc(23).toString('base64')}`],
  ['too long', `whsec_${Buffer.alloc(65).toString('base64')}`],
  ['not base64', 'whsec_####'],
  ['nothing', ''],
])('%s is no secret', (_what, text) => {
  expect(parseWebhookSecret(text)).toBeNull();
});
