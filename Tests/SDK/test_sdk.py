"""The vendor's own Python SDK against `cvlua simulator`, over loopback.

Prints "N passed, 0 failed". CVLUA names the binary; by default it is the debug build's.
"""
import faulthandler
import json
import os
import stat
import sys
import tempfile
import time
import types
import unittest

import cvpysdk.job
from cvpysdk.commcell import Commcell
from cvpysdk.exception import SDKException
from cvpysdk.job import Job

from simulator import Simulator

# Whatever hangs ends the whole.
faulthandler.dump_traceback_later(240, exit=True)

# The SDK looks at a job every 30 seconds, and that of a clock that no option makes faster.
cvpysdk.job.time = types.SimpleNamespace(
    sleep=lambda seconds: time.sleep(min(seconds, 0.05)), time=time.time, strftime=time.strftime,
    gmtime=time.gmtime)


def log_in(simulator, **options):
    options.setdefault("commcell_username", simulator.told["user"])
    options.setdefault("commcell_password", simulator.told["password"])
    return Commcell("127.0.0.1", web_service_url=simulator.url, **options)


def find(commcell, subclient, instance="DynamoDB", agent="Cloud Apps", client="aws-prod"):
    """A subclient by its names, each step of the way."""
    instance = commcell.clients.get(client).agents.get(agent).instances.get(instance)
    return instance.backupsets.get("defaultBackupSet").subclients.get(subclient)


class SDKTests(unittest.TestCase):
    def nothing_unknown(self, simulator):
        """The simulator knows every path that the SDK has asked for."""
        unknown = [request for request in simulator.state()["requests"] if request["path"] == "?"]
        self.assertEqual(unknown, [])

    def test_login_with_a_wrong_password_is_refused_with_the_servers_words(self):
        with Simulator() as simulator:
            with self.assertRaisesRegex(SDKException, "Invalid user name or password"):
                log_in(simulator, commcell_password="wrong")
            self.nothing_unknown(simulator)

    def test_login_by_token(self):
        with Simulator("--token", "QSDK of-the-tests") as simulator:
            commcell = log_in(simulator, authtoken="QSDK of-the-tests", commcell_password=None)
            self.assertEqual(commcell.commcell_username, "simulator")
            self.assertEqual(commcell.commserv_name, "simulator")
            self.assertIn("sql-01", commcell.clients.all_clients)
            self.nothing_unknown(simulator)

    def test_a_backup_by_names_from_login_to_logout(self):
        with Simulator("--speed", "3600") as simulator:
            commcell = log_in(simulator)
            subclient = find(commcell, "customers")
            self.assertEqual(subclient.subclient_id, "1042")
            before = simulator.count()
            job = subclient.backup("Full")
            self.assertTrue(job.wait_for_completion())
            self.assertEqual(job.status, "Completed")
            self.assertEqual(job.job_type, "Backup")
            self.assertEqual(job.backup_level, "Full")
            self.assertEqual(job.client_name, "aws-prod")
            self.assertEqual(job.agent_name, "Cloud Apps")
            self.assertEqual(job.instance_name, "DynamoDB")
            self.assertEqual(job.backupset_name, "defaultBackupSet")
            self.assertEqual(job.subclient_name, "customers")
            self.assertEqual(job.summary["percentComplete"], 100)
            self.assertGreater(job.size_of_application, 0)
            self.assertGreater(job.summary["jobElapsedTime"], 60)
            self.assertEqual(job.details["jobDetail"]["progressInfo"]["state"], "Completed")
            self.assertEqual(int(job.task_details["task"]["taskId"]), 9920)
            self.assertEqual(
                [(job["target"], job["status"]) for job in simulator.state()["jobs"]],
                [("aws-prod/DynamoDB/customers", "Completed")])
            self.assertIn(int(job.job_id), commcell.job_controller.all_jobs(lookup_time=24))
            commcell.logout()
            self.nothing_unknown(simulator)
            print(f"one backup by name: {before} requests before the submit, {simulator.count()} in all")

    def test_every_workload_is_found_and_backed_up(self):
        targets = [
            ("profiles", "DocumentDB", "Cloud Apps", "aws-prod", "incremental"),
            ("orders", "eu-west-1", "Cloud Apps", "aws-prod", "full"),
            ("default", "ERP", "Oracle", "aws-prod", "full"),
            ("finance", "SQL-01", "SQL Server", "sql-01", "differential"),
        ]
        with Simulator() as simulator:
            commcell = log_in(simulator)
            for name, instance, agent, client, level in targets:
                with self.subTest(agent=agent, instance=instance):
                    job = find(commcell, name, instance, agent, client).backup(level)
                    self.assertEqual(job.backup_level.lower(), level)
                    self.assertEqual(job.subclient_name, name)
            self.assertEqual(
                [job["workload"] for job in simulator.state()["jobs"]],
                ["documentdb", "rds", "oracle", "mssql"])
            self.nothing_unknown(simulator)

    def test_a_job_is_paused_resumed_and_killed(self):
        # So fast that a few requests later it runs, so slow that it does not end meanwhile.
        with Simulator("--speed", "20") as simulator:
            job = find(log_in(simulator), "customers").backup("Full")
            job.pause(wait_for_job_to_pause=True)
            self.assertEqual(job.status, "Suspended")
            job.resume(wait_for_job_to_resume=True)
            self.assertIn(job.status, ("Waiting", "Running"))
            job.kill(wait_for_job_to_kill=True)
            self.assertEqual(job.status, "Killed")
            self.assertTrue(job.is_finished)
            with self.assertRaisesRegex(SDKException, "cannot resume now"):
                job.resume()
            self.nothing_unknown(simulator)

    def test_the_pages_error_comes_through(self):
        with Simulator("--faults", "dynamodb/carts:reject") as simulator:
            subclient = find(log_in(simulator), "carts")
            with self.assertRaisesRegex(
                    SDKException,
                    '"errorMessage":"Failed to start backups as no eligible subclients were found. ",'
                    '"errorCode":587207178'):
                subclient.backup("Full")
            self.assertEqual(simulator.state()["jobs"], [])

    def test_a_backup_that_runs_already_is_refused_in_the_servers_words(self):
        with Simulator() as simulator:
            subclient = find(log_in(simulator), "customers")
            subclient.backup("Full")
            with self.assertRaisesRegex(SDKException, "Error 0x10c: Another backup is running"):
                subclient.backup("Full")

    def test_a_job_that_fails_says_why(self):
        with Simulator("--speed", "3600", "--faults", "dynamodb:fail") as simulator:
            job = find(log_in(simulator), "customers").backup("Incremental")
            self.assertFalse(job.wait_for_completion())
            self.assertEqual(job.status, "Failed")
            self.assertIn("could not be read", job.pending_reason)

    def test_names_that_are_not_there(self):
        with Simulator() as simulator:
            commcell = log_in(simulator)
            with self.assertRaisesRegex(SDKException, "No client exists"):
                commcell.clients.get("nobody")
            with self.assertRaisesRegex(SDKException, "No subclient exists"):
                find(commcell, "nothing")
            with self.assertRaisesRegex(SDKException, "No job exists"):
                Job(commcell, 999999)
            self.nothing_unknown(simulator)

    def test_a_token_that_expires_is_renewed(self):
        with Simulator("--faults", "job:expire-token@2") as simulator:
            job = find(log_in(simulator), "customers").backup("Full")
            self.assertEqual(job.subclient_name, "customers")
            counts = {(r["method"], r["path"]): r["count"] for r in simulator.state()["requests"]}
            self.assertEqual(counts["POST", "/RenewLoginToken"], 1)
            self.assertEqual(counts["POST", "/Login"], 1)

    def test_a_job_and_what_belongs_to_it_outlive_kill_9(self):
        with tempfile.TemporaryDirectory() as folder:
            options = ["--state", os.path.join(folder, "state"), "--token", "QSDK of-the-tests"]
            with Simulator(*options, "--speed", "600") as simulator:
                job = find(log_in(simulator, authtoken="QSDK of-the-tests", commcell_password=None),
                           "customers").backup("Full")
                before = simulator.state()["jobs"]
                simulator.kill()
            with Simulator(*options, "--speed", "3600") as simulator:
                after = simulator.state()["jobs"]
                for jobs in before, after:
                    jobs[0].pop("status")
                self.assertEqual(before, after)
                commcell = log_in(simulator, authtoken="QSDK of-the-tests", commcell_password=None)
                self.assertTrue(Job(commcell, job.job_id).wait_for_completion())
                self.assertEqual(len(simulator.state()["jobs"]), 1)

    def test_an_access_token_from_a_file_and_the_limits_that_are_told(self):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "token")
            with Simulator("--access-token", path, "--limit", "saas") as simulator:
                self.assertEqual(stat.S_IMODE(os.stat(path).st_mode), 0o600)
                with open(path) as file:
                    pair = json.load(file)
                self.assertEqual(pair["expires"] - pair["issued"], 1800)
                commcell = log_in(
                    simulator, authtoken="Bearer " + pair["accessToken"], commcell_password=None)
                self.assertIn("aws-prod", commcell.clients.all_clients)
                limits = simulator.state()["limits"]
                self.assertEqual(limits["writes"]["limit"], 100)
                self.assertEqual(limits["reads"]["refused"], 0)
                self.assertGreater(limits["reads"]["most_in_an_hour"], 0)
                self.nothing_unknown(simulator)

    def test_https_with_the_certificate_that_it_prints(self):
        with Simulator("--tls") as simulator:
            self.assertTrue(simulator.url.startswith("https://"))
            commcell = log_in(simulator, certificate_path=simulator.told["ca"])
            self.assertIn("aws-prod", commcell.clients.all_clients)


if __name__ == "__main__":
    suite = unittest.defaultTestLoader.loadTestsFromTestCase(SDKTests)
    result = unittest.TextTestRunner(stream=sys.stderr, verbosity=2).run(suite)
    # A subtest that fails fails its test.
    failed = len({str(test).split(" (")[0] for test, _ in result.failures + result.errors})
    print(f"{result.testsRun - failed} passed, {failed} failed")
    sys.exit(1 if failed else 0)
