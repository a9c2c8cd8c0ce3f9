/// A service that runs one script, and the timer that starts it. Settings as systemd.exec(5), systemd.service(5)
/// and systemd.timer(5) of systemd 247 and later have them.
struct SystemdUnit {
  /// Without `.service`.
  var name: String
  /// The binary and the script, as absolute paths.
  var program: String
  var script: String
  var profile: String?
  var configuration: String?
  var user: String
  var calendar: String
  /// Names of the credentials that the profile takes secrets from.
  var credentials: [String]

  /// `cvlua-nightly` for `/etc/cvlua/nightly.lua`.
  static func name(for script: String) -> String {
    let file = script.split(separator: "/").last.map(String.init) ?? ""
    let stem = file.hasSuffix(".lua") ? file.dropLast(4) : file[...]
    return "cvlua-"
      + String(decoding: stem.utf8.map { isNameByte($0) ? $0 : UInt8(ascii: "-") }, as: UTF8.self)
  }

  static func isNameByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"), UInt8(ascii: "."):
      true
    default: false
    }
  }

  var service: String {
    var command = [program]
    if let profile { command += ["--profile", profile] }
    if let configuration { command += ["--config", configuration] }
    command += ["--", script]
    let loads = credentials.map { "LoadCredential=\($0):/etc/cvlua/credentials/\($0)\n" }.joined()
    let isAtHome = ["/home/", "/root/"].contains { home in
      [program, script, configuration ?? ""].contains { $0.hasPrefix(home) }
    }
    return """
      [Unit]
      Description=Backups: \(Self.plain(script))
      Wants=network-online.target
      After=network-online.target time-sync.target
      # So often is a run that died taken up again within an hour.
      StartLimitIntervalSec=1h
      StartLimitBurst=5

      [Service]
      Type=exec
      ExecStart=\(command.map(Self.quoted).joined(separator: " "))
      User=\(Self.plain(user))
      # The journal of runs is kept in /var/lib/cvlua.
      StateDirectory=cvlua
      StateDirectoryMode=0700
      UMask=0077
      \(loads)
      # 1: all targets are good, some with warnings. A run that was stopped (143) is no success: it is open.
      SuccessExitStatus=1
      # After a crash or SIGKILL the next start takes the run up again: no backup is lost, none made twice. An
      # exit code is the run's own word, and starting again would not change it.
      Restart=on-abnormal
      RestartSec=30
      # SIGTERM stops submitting and lets the script clean up for a minute at most; jobs go on.
      KillSignal=SIGTERM
      KillMode=mixed
      TimeoutStopSec=90

      NoNewPrivileges=yes
      CapabilityBoundingSet=
      AmbientCapabilities=
      ProtectSystem=strict
      ProtectHome=\(isAtHome ? "read-only" : "yes")
      PrivateTmp=yes
      PrivateDevices=yes
      ProtectKernelTunables=yes
      ProtectKernelModules=yes
      ProtectKernelLogs=yes
      ProtectControlGroups=yes
      ProtectClock=yes
      ProtectHostname=yes
      ProtectProc=invisible
      RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX
      RestrictNamespaces=yes
      RestrictRealtime=yes
      RestrictSUIDSGID=yes
      RemoveIPC=yes
      LockPersonality=yes
      MemoryDenyWriteExecute=yes
      SystemCallArchitectures=native
      SystemCallFilter=@system-service
      SystemCallFilter=~@privileged
      # A core dump would hold tokens.
      LimitCORE=0

      """
  }

  var timer: String {
    """
    [Unit]
    Description=Nightly: \(Self.plain(script))

    [Timer]
    OnCalendar=\(Self.plain(calendar))
    # A night that the machine slept through starts when it wakes; run.window says until when that is welcome.
    Persistent=yes
    AccuracySec=1s

    [Install]
    WantedBy=timers.target

    """
  }

  /// systemd reads `%` as the beginning of a specifier.
  private static func plain(_ text: String) -> String { text.replacing("%", with: "%%") }

  /// One word of a command line: systemd reads quotes, backslashes, `%` and `$` in it.
  private static func quoted(_ word: String) -> String {
    let text = plain(word).replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing(
      "$", with: "$$")
    let isPlain = text.utf8.allSatisfy { isNameByte($0) || $0 == UInt8(ascii: "/") }
    return isPlain ? text : "\"\(text)\""
  }
}
