"""M/M/1 in SimPy: the peer of bench/mm1.ts. Prints one line of JSON."""

import json
import random
import sys
import time

import simpy

LAMBDA = 0.9
MU = 1.0


def run(objects: int, seed: int) -> float:
    random.seed(seed)
    env = simpy.Environment()
    server = simpy.Resource(env, capacity=1)
    total = 0.0

    def customer():
        nonlocal total
        arrived = env.now
        with server.request() as request:
            yield request
            yield env.timeout(random.expovariate(MU))
        total += env.now - arrived

    def source():
        for _ in range(objects):
            env.process(customer())
            yield env.timeout(random.expovariate(LAMBDA))

    env.process(source())
    env.run()
    return total / objects


if __name__ == "__main__":
    count = int(sys.argv[1])
    start = time.perf_counter()
    mean = run(count, 1)
    elapsed = time.perf_counter() - start
    print(json.dumps({"meanTimeInSystem": mean, "objectsPerSecond": count / elapsed}))
