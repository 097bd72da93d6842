"""From a committed outbox row to somebody's inbox and mailbox."""
