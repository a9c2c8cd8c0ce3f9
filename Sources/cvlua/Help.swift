/// What `--help` says.
enum Help {
  static let text = """
    cvlua runs backup workflows: Lua 5.4 scripts that submit backups to a Commvault Command Center, wait for
    them, branch, retry and run many at once.

    usage: cvlua [OPTION…] [FILE [ARG…]]
           cvlua schema [WORKLOAD] [--format text|json]
           cvlua simulator [--listen HOST:PORT] [--tls] [--speed N] [OPTION…]

      FILE                  the script; - is standard input, which is also read where it is no terminal
      -e CODE               runs CODE first; may be given several times
      -l MODULE             requires MODULE first, as a global of that name
      --                    ends the options

      --simulate            rehearses against a simulated Command Center, on virtual time
      --seed N              another simulated night; the same N gives the same night      (default 1)
      --at DATE-TIME        when the simulated night begins, such as 2026-11-21T22:00     (default now)
      --faults SPEC         TARGET:FAULT[@N],… – TARGET is *, a workload or workload/name-or-id; @N hits the
                            Nth submit only; faults: fail, warnings, errors, committed, killed,
                            failed_to_start, busy, reject, garbage, pending=DURATION, slow=DURATION,
                            hidden=DURATION, status=TEXT; of a request's way (see cvlua simulator --help):
                            drop-answer, drop-before, reset, http=CODE, html, throttle=RATE, expire-token,
                            truncate
      --inventory FILE      what the simulated Command Center holds (JSON); else it grows to hold what a
                            script names

      --library DIR         looks for modules there; may be given several times; also CVLUA_PATH=DIR:DIR
      --trusted             all of stock Lua: files, processes, C modules
      --memory SIZE         what the script may hold, such as 512M                        (default no limit)
      --log-format FORMAT   text, or json: one object a line on standard error            (default text)
      --quiet               no recap when all is good
      --version, --help

    Standard output is the script's; all else goes to standard error.

    exit codes: 0 all good · 1 warnings · 2 some targets not good · 3 none is good · 4, 5 what is not good
    failed to start, was killed · 18 nothing got through · 20 a human has to look · 64 usage · 65 a mistake of
    the script · 130, 143 interrupted

    """
}
