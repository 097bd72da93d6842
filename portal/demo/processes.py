"""What a process of the demo's builder does first. Imports nothing that needs Django to be ready."""


def set_up() -> None:
    """A new process knows no Django yet."""
    import django

    django.setup()
