"""`make bench`: the portal as it runs in production, beside Orthanc and beside what this machine can do at best.

Everything runs on loopback in a folder of its own, on synthetic studies, in turn: phase by phase, repeat by repeat, so
that what else the machine does hits all alike. Every answer that is timed is checked.
"""
