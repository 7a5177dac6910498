"""M/M/4 at 90 % in Ciw: 360 arrivals a second, services of 10 ms in the mean.

Ciw keeps a record of every customer; the statistics are taken from those. It keeps no longest
queue; the records' `queue_size_at_arrival` has it. Prints what every contestant prints: a name
and a number a line.
"""

import math
import sys
import time

import ciw


def show(name, times):
    """The mean, and order statistics."""
    ordered = sorted(times)
    print(f"{name}_mean {math.fsum(ordered) / len(ordered)}")
    for percent in (50, 95, 99):
        print(f"{name}_p{percent} {ordered[-(-len(ordered) * percent // 100) - 1]}")


def main():
    requests = int(sys.argv[1])
    start = time.process_time()
    ciw.seed(1)
    network = ciw.create_network(
        arrival_distributions=[ciw.dists.Exponential(360.0)],
        service_distributions=[ciw.dists.Exponential(100.0)],
        number_of_servers=[4],
    )
    simulation = ciw.Simulation(network)
    simulation.simulate_until_max_customers(requests, method="Finish")
    records = simulation.get_all_records()
    utilisation = simulation.transitive_nodes[0].server_utilisation
    seconds = time.process_time() - start
    print(f"requests {len(records)}")
    print(f"seconds {seconds}")
    print(f"utilisation {utilisation}")
    # The customers in service are counted in Ciw's size of a queue.
    print(f"queue_max {max(0, max(r.queue_size_at_arrival for r in records) + 1 - 4)}")
    show("waiting", [r.waiting_time for r in records])
    show("sojourn", [r.waiting_time + r.service_time for r in records])


if __name__ == "__main__":
    main()
