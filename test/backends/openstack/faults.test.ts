import { describe, expect, it } from 'vitest';
import { BusyError, FaultError } from '../../../backends/fault.ts';
import { readRefusal, refusal } from '../../../backends/openstack/faults.ts';
import { readAction } from '../../../backends/openstack/server-actions-log.ts';

/** Bodies that the services of Zed really sent. */
const SAID: readonly (readonly [number, object, string, string])[] = [
  [
    409,
    {
      conflictingRequest: {
        code: 409,
        message: "Cannot 'start' instance X while it is in vm_state active",
      },
    },
    'OPENSTACK_WRONG_STATE',
    '409 conflictingRequest',
  ],
  [
    403,
    {
      forbidden: {
        code: 403,
        message: 'Quota exceeded for instances: Requested 1, but already used 1 of 1 instances',
      },
    },
    'OPENSTACK_QUOTA_EXCEEDED',
    '403 forbidden',
  ],
  [
    403,
    {
      forbidden: {
        code: 403,
        message: "Policy doesn't allow os_compute_api:os-flavor-manage:create to be performed.",
      },
    },
    'OPENSTACK_FORBIDDEN',
    '403 forbidden',
  ],
  [
    409,
    {
      NeutronError: {
        type: 'OverQuota',
        message: "Quota exceeded for resources: ['network'].",
        detail: '',
      },
    },
    'OPENSTACK_QUOTA_EXCEEDED',
    '409 OverQuota',
  ],
  [
    409,
    {
      NeutronError: {
        type: 'NetworkInUse',
        message: 'Unable to complete operation on network X.',
        detail: '',
      },
    },
    'OPENSTACK_CONFLICT',
    '409 NetworkInUse',
  ],
  [
    413,
    {
      overLimit: {
        code: 413,
        message:
          "VolumeLimitExceeded: Maximum number of volumes allowed (0) exceeded for quota 'volumes'.",
        retryAfter: '0',
      },
    },
    'OPENSTACK_QUOTA_EXCEEDED',
    '413 overLimit',
  ],
  [
    400,
    {
      badRequest: {
        code: 400,
        message: 'Invalid volume: Volume status must be available or error',
      },
    },
    'OPENSTACK_WRONG_STATE',
    '400 badRequest',
  ],
  [
    404,
    { itemNotFound: { code: 404, message: 'Instance X could not be found.' } },
    'OPENSTACK_NOT_FOUND',
    '404 itemNotFound',
  ],
  [
    401,
    {
      error: {
        code: 401,
        title: 'Unauthorized',
        message: 'The request you have made requires authentication.',
      },
    },
    'OPENSTACK_UNAUTHENTICATED',
    '401 Unauthorized',
  ],
  [
    406,
    { computeFault: { code: 406, message: 'Version 2.999 is not supported by the API.' } },
    'OPENSTACK_UNSUPPORTED_VERSION',
    '406 computeFault',
  ],
  [
    409,
    {
      errors: [
        {
          status: 409,
          title: 'Conflict',
          detail: 'Unable to allocate inventory',
          code: 'placement.concurrent_update',
        },
      ],
    },
    'OPENSTACK_CONFLICT',
    '409 Conflict',
  ],
];

describe('what services say of a request that they refuse', () => {
  it.each(SAID)('%i %j', (status, body, code, upstream) => {
    const thrown = refusal('POST /x', { status, ...readRefusal(status, body) });
    expect(thrown).toBeInstanceOf(FaultError);
    expect((thrown as FaultError).fault).toMatchObject({ code, upstream, effect: 'none' });
  });

  it('a server with a task is busy, and so is a service that asks for patience', () => {
    const message = "Cannot 'stop' instance X while it is in task_state migrating";
    expect(refusal('x', { status: 409, word: 'conflictingRequest', message })).toBeInstanceOf(
      BusyError,
    );
    const later = refusal('x', { status: 429, word: '', message: 'slow down', retry_after_s: 7 });
    expect(later).toMatchObject({ retry_after_s: 7 });
  });

  it('a service that failed may have acted', () => {
    const thrown = refusal('x', {
      status: 500,
      word: 'computeFault',
      message: 'Unexpected API Error.',
    });
    expect((thrown as FaultError).fault).toMatchObject({
      code: 'OPENSTACK_SERVICE_FAILED',
      effect: 'unknown',
      retryable: true,
    });
  });

  it('HTML is read as text', () => {
    const { message } = readRefusal(404, '<html><h1>404 Not Found</h1>No image.<br /></html>');
    expect(message).toBe('404 Not Found No image.');
  });
});

describe("nova's log of an act", () => {
  const event = (name: string, result: string | null, details?: string) => ({
    ...{ event: name, result, details: details ?? null },
    finish_time: result === null ? null : '2026-11-22T13:21:06.000000',
  });

  it('has failed as soon as one of its events has', () => {
    const events = [
      event('cold_migrate', 'Error', 'No valid host was found. No valid host found for resize'),
      event('conductor_migrate_server', 'Error', 'No valid host was found.'),
    ];
    expect(readAction({ action: 'resize', message: 'Error', events })).toEqual({
      type: 'failed',
      message: 'No valid host was found. No valid host found for resize',
    });
  });

  it('runs while an event has not finished, or none has begun', () => {
    expect(readAction({ events: [event('compute_stop_instance', null)] })).toEqual({
      type: 'running',
    });
    expect(readAction({ events: [] })).toEqual({ type: 'running' });
    expect(readAction({})).toEqual({ type: 'running' });
  });

  it('has succeeded when all of them have', () => {
    const events = [event('compute_stop_instance', 'Success')];
    expect(readAction({ message: null, events })).toEqual({ type: 'succeeded' });
  });

  it('tells which event failed where nova hides the details', () => {
    const outcome = readAction({ events: [event('compute_pause_instance', 'Error')] });
    expect(outcome).toMatchObject({ message: expect.stringContaining('compute_pause_instance') });
  });
});
