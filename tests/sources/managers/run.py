"""Runs the checks of one manager and prints their counts. usage: run.py DIRECTORY PROGRAM PART OPENBAO [link-local]"""
import sys

import harness

open(harness.LOG, "w").close()
match harness.PART:
    case "vault":
        import vault
        vault.run_stub()
    case "openbao":
        import vault
        vault.run_openbao(harness.OPENBAO)
    case "aws":
        import aws
        aws.run()
    case "google":
        import google_manager
        google_manager.run()
sys.exit(0 if harness.finish() else 1)
