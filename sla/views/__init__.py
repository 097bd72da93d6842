"""Screens: calendars, policies, a clock explained."""
