/// Every setting that a profile may have, in the order in which messages list them.
extension ProfileReader {
  static let shape = APIShape(
    "profile", .arguments,
    """
    How to reach one Command Center, as whom, and within which limits: an entry of a configuration file, which returns \
    a table of them. Secrets stand there as secret.env "NAME", secret.file "PATH" (mode 0600), secret.credential "NAME" \
    (systemd's) or secret.command{ "WORD", … }.
    """,
    [
      .init("url", "string", "such as \"https://HOST/commandcenter/api\""),
      .init("user?", "string", "as whom, with password"),
      .init("domain?", "string", "the user's domain"),
      .init("password?", "secret", "one of password, token and access_token_file is needed"),
      .init("token?", "secret", "a ready-made token"),
      .init("access_token_file?", "string", "the file of an access token, as cvlua login makes it"),
      .init("ca_file?", "string", "certificates of authorities of your own"),
      .init("client_certificate?", "string", "the file of the client's own certificate"),
      .init("client_key?", "string", "the file of its key"),
      .init("proxy?", "string", "a proxy's URL; else HTTPS_PROXY counts"),
      .init("connect_timeout?", "duration", "how long a connection may take"),
      .init("request_timeout?", "duration", "how long an answer may take"),
      .init("settle?", "duration", "how long until a lost request can no longer be under way; 60s"),
      .init("timeout?", "duration|false", "how long a backup is waited for; 12h"),
      .init("tag?", "boolean", "whether jobs carry a token by which they are found again; true"),
      .init("two_phase?", "boolean", "jobs are made suspended, and start when their ids are on disk"),
      .init("budget?", "\"saas\"|table<string, integer>", "requests an hour: { writes = 100, reads = 1000 }"),
      .init("job_lists_are_writes?", "boolean", "whether job lists count as writes there"),
      .init("unattended?", "boolean", "may submit where there is no terminal to ask at"),
      .init("allow_plain_http?", "boolean", "speaks http to another host"),
      .init("trust_any_certificate?", "boolean", "takes any certificate; every recap says so"),
      .init("library?", "string|string[]", "folders of the team's modules"),
      .init("default?", "boolean", "the one that is meant where none is named"),
      .init("secrets?", "table<string, secret>", "what secret \"NAME\" gives scripts"),
      .init(
        "attention?", "table<string, string|secret>", "whom to tell: slack, teams, pagerduty, webhook, email"),
      .init("ping?", "table<string, string|secret>", "addresses that hear of start, success and fail"),
      .init("sendmail?", "string", "what sends mail; /usr/sbin/sendmail"),
    ])
}
