/// What `--help` says.
enum Help {
  static let text = """
    cvlua runs backup workflows: Lua 5.4 scripts that submit backups to a Commvault Command Center, wait for
    them, branch, retry and run many at once.

    usage: cvlua [OPTION…] [FILE [ARG…]]
           cvlua help [NAME] [--format text|markdown]    what scripts see: functions, values, modules
           cvlua schema [WORKLOAD] [--format text|json|luals]
           cvlua simulator [--listen HOST:PORT] [--tls] [--speed N] [OPTION…]
           cvlua plan [--at DATE-TIME] [--assume TARGET:OUTCOME,…] FILE [ARG…]   what would be submitted
           cvlua runs | show RUN | why RUN | resume RUN|--last|--all [--with-current] | rerun RUN --failed
           cvlua cancel RUN [--kill-jobs] | adopt RUN STEP JOB | resubmit RUN STEP
           cvlua login | logout | doctor [--profile NAME] [--config FILE]
           cvlua init [editor [FOLDER]] [--library DIR]  files for editors and luacheck
           cvlua init systemd SCRIPT [--into FOLDER] [--calendar WHEN] [OPTION…]

      FILE                  the script; - is standard input, which is also read where it is no terminal
      -e CODE               runs CODE first; may be given several times
      -l MODULE             requires MODULE first, as a global of that name
      -i                    a prompt follows what is run; without any script there is one at once, on a terminal
      --                    ends the options

      --profile NAME        the Command Center that is meant: a profile of the configuration     (default the one
                            with default = true, or the only one; also CVLUA_PROFILE)
      --config FILE         reads this configuration in place of /etc/cvlua/config.lua and
                            ~/.config/cvlua/config.lua
      --journal FILE        where the run is written down, so that it survives its process (default: the state
                            directory, for live runs only); none keeps nothing, and cannot be resumed
      --yes                 submits without asking first; without a terminal nobody can be asked, and the
                            profile must say unattended = true

      --simulate            rehearses against a simulated Command Center, on virtual time
      --seed N              another simulated night; the same N gives the same night      (default 1)
      --at DATE-TIME        when the simulated night begins, such as 2026-11-21T22:00     (default now)
      --faults SPEC         TARGET:FAULT[@N],… – TARGET is *, a workload or workload/name-or-id; @N hits the
                            Nth submit only; faults: fail, warnings, errors, committed, killed,
                            failed_to_start, busy, reject, garbage, wrong-target, other-level,
                            pending=DURATION, slow=DURATION, hidden=DURATION, status=TEXT;
                            of a request's way (see cvlua simulator --help):
                            drop-answer, drop-before, reset, http=CODE, html, throttle=RATE, expire-token,
                            truncate
      --limit SPEC          saas, or writes=N,reads=N: so many requests an hour, others are answered 429
      --inventory FILE      what the simulated Command Center holds (JSON); else it grows to hold what a
                            script names

      --state FILE          where the simulated Command Center is kept, to outlive the process

      --var NAME=VALUE      gives the script run.var.NAME; may be given several times
      --max-submits N       submits so many backups at most; what comes after them is skipped
      --submit-late         submits after the last_start of run.window, too
      --exit-map FROM=TO    exits with TO in place of FROM, such as 1=0; may be given several times

      --library DIR         looks for modules there; may be given several times; also CVLUA_PATH=DIR:DIR;
                            DIR/library.lua may say what the library needs, such as { cvlua = ">= 0.1" }
      --trusted             all of stock Lua: files, processes, C modules
      --memory SIZE         what the script may hold, such as 512M                        (default no limit)
      --log-format FORMAT   text, or json: one object a line on standard error            (default text)
      --progress HOW        tty, a live view on the terminal; plain, a line for each backup that stands otherwise and
                            every five minutes how all of it stands; none; auto, whichever suits   (default auto:
                            none where the run is simulated or logs JSON); t or SIGUSR1 prints how all of it stands
      --quiet               no progress, and no recap when all is good
      --version, --help

    A configuration is a Lua file that returns a table of profiles:

      return {
        prod = {
          url = "https://cc.example.com/commandcenter/api",
          user = "svc-backup", password = secret.file "/etc/cvlua/password", unattended = true,
        },
      }

    Its settings, of which cvlua help profile tells more: url; user, domain and password, or token, or
    access_token_file; ca_file, client_certificate, client_key, proxy, connect_timeout, request_timeout,
    settle; budget = "saas" or { writes = N, reads = N } an hour, job_lists_are_writes; timeout, tag,
    two_phase; unattended, default, library, secrets, attention, ping, sendmail; allow_plain_http,
    trust_any_certificate. Secrets come from secret.env "NAME", secret.file "PATH" (mode 0600),
    secret.credential "NAME" (systemd's) or secret.command{ "WORD", … }. Without any file, CVLUA_URL and
    CVLUA_TOKEN name a server (CVLUA_CA_FILE its authority, CVLUA_UNATTENDED=1 lets it submit where there is
    no terminal).

    Standard output is the script's; all else goes to standard error.

    exit codes: 0 all good · 1 warnings · 2 some targets not good, or fewer than run.expect says · 3 none is
    good · 4, 5 what is not good failed to start, was killed · 18 nothing got through · 20 a human has to look ·
    64 usage · 65 a mistake of the script · 74 all good, but what was printed could not be written · 75 another
    process runs the script · 129, 130, 143 interrupted

    """

  /// What `plan --help` says.
  static let plan = """
    Shows what a script would submit, in which order and with which payloads, and what would come of it. It is
    rehearsed on virtual time against a simulated Command Center; nothing is submitted. With a profile, the names
    are looked up at its Command Center, by reading alone.

    usage: cvlua plan [OPTION…] FILE [ARG…]
           cvlua plan [OPTION…] -e CODE

      --at DATE-TIME        when it begins, such as 2026-11-21T22:00                      (default now)
      --assume SPEC         TARGET:OUTCOME[@N],… – TARGET is *, a workload or workload/name-or-id; @N is the Nth
                            submit only; outcomes:
                            \(Assumption.list)
      --seed N              another simulated night; the same N gives the same night      (default 1)
      --faults SPEC, --inventory FILE, --limit SPEC, and what a run takes: see cvlua --help

    It exits with 0 where the plan could be made, 2 where the Command Center does not know a name, and 65 where the
    script makes a mistake.

    """
}
