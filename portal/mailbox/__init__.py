"""Mail in: mailboxes are read, each message is kept once and handed to the wing that the mailbox belongs to."""
