import Glibc
import Testing

@Suite("cvlua init systemd")
struct SystemdTests {
  private func cvlua(_ folder: Folder, _ arguments: [String]) async throws -> Child.Ending {
    try await Child(
      Place.cvlua, ["init", "systemd"] + arguments, in: folder.path,
      environment: Place.environment.merging(["HOME": folder.path]) { $1 }
    ).ending()
  }

  @Test(
    "writes a service and a timer that systemd takes, whatever the script is called",
    .enabled(if: access("/usr/bin/systemd-analyze", X_OK) == 0),
    arguments: ["nightly.lua", "the 100% \"night\" of $HOME.lua", "back\\slash.lua"])
  func verified(_ script: String) async throws {
    let folder = try Folder()
    try folder.write(script, "print 'hello'\n")
    let units = "\(folder.path)/units"
    mkdir(units, 0o755)
    let made = try await cvlua(
      folder,
      ["./\(script)", "--into", units, "--name", "night", "--calendar", "Mon..Fri *-*-* 22:30 Europe/Berlin"])
    #expect(made.code == 0, "\(made.errors)")
    #expect(made.errors.contains("systemctl enable --now night.timer"))
    for kind in ["service", "timer"] {
      let looked = try await Child(
        "/usr/bin/systemd-analyze", ["verify", "--man=no", "\(units)/night.\(kind)"], in: folder.path,
        environment: Place.environment
      ).ending()
      // What it says of other units of this machine is theirs.
      let said = (looked.output + looked.errors).split(separator: "\n").filter { $0.contains("night.") }
      #expect(said.isEmpty, "\(said)")
    }
    let service = try File.read("\(units)/night.service")
    for setting in [
      "NoNewPrivileges=yes", "ProtectSystem=strict", "StateDirectory=cvlua", "SuccessExitStatus=1",
    ] {
      #expect(service.contains("\n\(setting)\n"))
    }
    // The same once more changes nothing; other contents are not overwritten.
    #expect(
      try await cvlua(
        folder,
        [
          "./\(script)", "--into", units, "--name", "night", "--calendar",
          "Mon..Fri *-*-* 22:30 Europe/Berlin",
        ]
      ).code == 0)
    let other = try await cvlua(folder, ["./\(script)", "--into", units, "--name", "night"])
    #expect(other.code == 64)
    #expect(other.errors.contains("night.timer is there already and says something else"), "\(other.errors)")
  }

  @Test("loads the credentials that the profile takes secrets from, and prints where no folder is named")
  func credentials() async throws {
    let folder = try Folder()
    try folder.write("nightly.lua", "")
    try folder.write(
      "config.lua",
      """
      return { prod = {
        url = "https://cc", user = "u", password = secret.credential "cv-password",
        attention = { slack = secret.credential "slack" }, secrets = { other = secret.env "X" },
      } }
      """)
    let shown = try await cvlua(folder, ["nightly.lua", "--config", "config.lua", "--profile", "prod"])
    #expect(shown.code == 0, "\(shown.errors)")
    #expect(shown.output.hasPrefix("# cvlua-nightly.service\n[Unit]\n"))
    #expect(shown.output.contains("\n# cvlua-nightly.timer\n[Unit]\n"))
    #expect(
      shown.output.contains(
        """

        LoadCredential=cv-password:/etc/cvlua/credentials/cv-password
        LoadCredential=slack:/etc/cvlua/credentials/slack

        """))
    #expect(
      shown.output.contains(
        " --profile prod --config \(folder.path)/config.lua -- \(folder.path)/nightly.lua\n"))
  }

  @Test("says what the service would miss: its own /tmp, another home, secrets of other users")
  func steps() async throws {
    let folder = try Folder()
    try folder.write("nightly.lua", "")
    let bare = try await cvlua(folder, ["nightly.lua"])
    for step in [
      "useradd --system --home-dir /var/lib/cvlua --shell /usr/sbin/nologin cvlua   (once)",
      "write a profile into /etc/cvlua/config.lua, with unattended = true; there is none yet",
      "move \(folder.path)/nightly.lua, and run this again: the service has a /tmp of its own and does not see it",
      "systemctl daemon-reload && systemctl enable --now cvlua-nightly.timer",
    ] {
      #expect(bare.errors.contains("\n  \(step)\n"), "\(bare.errors)")
    }
    for name in [".config", ".config/cvlua"] { mkdir("\(folder.path)/\(name)", 0o755) }
    try folder.write(
      ".config/cvlua/config.lua",
      """
      return { prod = {
        url = "https://cc", user = "u", password = secret.file "/no/such/password",
        secrets = { slack = secret.env "SLACK" }, library = "/tmp/no-such-team",
      } }
      """)
    let own = try await cvlua(folder, ["nightly.lua"])
    for step in [
      "put profile prod into /etc/cvlua/config.lua, with unattended = true: the service does not see \(folder.path)/.config/cvlua/config.lua",
      "chown cvlua /no/such/password   (the profile takes a secret from it)",
      "move /tmp/no-such-team, and run this again: the service has a /tmp of its own and does not see it",
      "take a secret.credential in place of secret.env \"SLACK\": the service has no such variable",
    ] {
      #expect(own.errors.contains("\n  \(step)\n"), "\(own.errors)")
    }
  }

  @Test(
    "refuses a calendar that systemd does not know, or that never comes again",
    .enabled(if: access("/usr/bin/systemd-analyze", X_OK) == 0),
    arguments: [
      ("every day", "is no time that systemd knows"), ("25:00", "is no time that systemd knows"),
      ("22:00 Europe/Nowhere", "is no time that systemd knows"), ("2020-01-01", "never comes again"),
    ])
  func calendar(_ calendar: String, _ sentence: String) async throws {
    let refused = try await cvlua(try Folder(), ["/etc/hostname", "--calendar", calendar])
    #expect(refused.code == 64)
    #expect(
      refused.errors.hasPrefix("cvlua init: --calendar \"\(calendar)\" \(sentence)"), "\(refused.errors)")
    #expect(refused.output == "")
  }

  @Test(
    "refuses in one sentence what makes no unit",
    arguments: [
      (["no-such.lua"], "no-such.lua: No such file or directory"),
      (["/etc/hostname", "--name", "a/b"], "--name is made of letters, digits, _, - and ., not \"a/b\""),
      (["/etc/hostname", "--calendar", "x\nExecStart=/bin/sh"], "--calendar is one line that is not empty"),
      (
        ["/etc/hostname", "--into", "/no/such"], "/no/such/cvlua-hostname.service: No such file or directory"
      ),
    ])
  func refusals(_ arguments: [String], _ sentence: String) async throws {
    let refused = try await cvlua(try Folder(), arguments)
    #expect(refused.code == 64)
    #expect(refused.errors.hasPrefix("cvlua init: \(sentence)"), "\(refused.errors)")
    #expect(refused.errors.split(separator: "\n").count == 1)
  }
}
