"""Nodes of the published system, as they speak to Kafka: kafka-python, no key, JSON within a JSON string, the local time without
its zone.

Sends MESSAGES of each of NODES, the last of each with `alive: false`, to TOPIC of BROKERS, and prints how many it sent.
"""

import json
import random
import sys
import uuid
from datetime import datetime

from kafka import KafkaProducer

brokers, topic, n_nodes, n_messages = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
producer = KafkaProducer(bootstrap_servers=brokers, value_serializer=lambda value: json.dumps(value).encode("utf-8"))
nodes = [
    {"uuid": str(uuid.uuid1()), "position": [random.randint(0, 100), random.randint(0, 100)], "infected": n % 3 == 0}
    for n in range(n_nodes)
]
sent = []
for round_ in range(n_messages):
    for node in nodes:
        axis = random.randint(0, 1)
        node["position"][axis] = min(100, node["position"][axis] + 1)
        heard = [other for other in nodes if other is not node and random.random() < 0.2]
        message = dict(
            node,
            timestamp=str(datetime.now()),
            alive=round_ < n_messages - 1,
            contacts=[{"uuid": other["uuid"], "timestamp": str(datetime.now())} for other in heard],
        )
        sent.append(producer.send(topic, value=json.dumps(message)))
producer.flush()
for one in sent:
    one.get(timeout=30)
print(len(sent))
