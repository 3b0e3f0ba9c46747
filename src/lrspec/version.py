"""The version of lrspec."""

VERSION = "0.1.0"
