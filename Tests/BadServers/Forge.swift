import Glibc

/// Certificates made on the spot, and `openssl s_server` with one of them.
package final class Forge {
  package let folder: String
  private var servers: [pid_t] = []

  package init() throws {
    var template = Array("/tmp/cvlua-forge-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw Misbehaving.Failure() }
    folder = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
    _ = try shell(
      """
      cd \(folder) && exec 2>/dev/null
      key() { openssl ecparam -name prime256v1 -genkey -noout -out $1.key; }
      sign() { # name, names, further arguments
        key $1; openssl req -new -key $1.key -subj /CN=$1 -out $1.csr
        printf "subjectAltName=$2" > $1.ext
        openssl x509 -req -in $1.csr -CA ca.pem -CAkey ca.key -CAcreateserial -extfile $1.ext $3 -out $1.pem
      }
      key ca; openssl req -x509 -new -key ca.key -subj /CN=ca -days 2 -out ca.pem
      sign good IP:127.0.0.1,DNS:localhost "-days 2"
      sign wrong DNS:other.example "-days 2"
      sign expired IP:127.0.0.1,DNS:localhost "-days -1"
      sign client DNS:client "-days 2"
      """)
  }

  /// Starts a server with a certificate; `-www` answers each request with a page of its own.
  package func serve(_ certificate: String, _ arguments: String = "") throws -> Int {
    // It picks a port itself, and says which.
    let log = "\(certificate)-\(servers.count).log"
    let command =
      "cd \(folder) && { openssl s_server -www -accept 127.0.0.1:0 -cert \(certificate).pem "
      + "-key \(certificate).key \(arguments) >\(log) 2>&1 </dev/null & echo $!; }"
    let text = String(decoding: try shell(command), as: UTF8.self)
    guard let process = pid_t(text.split(separator: "\n").first ?? "") else { throw Misbehaving.Failure() }
    servers.append(process)
    for _ in 0..<1000 {
      let said = String(decoding: try shell("cat \(folder)/\(log)"), as: UTF8.self)
      if let line = said.split(separator: "\n").last(where: { $0.hasPrefix("ACCEPT ") }),
        said.hasSuffix("\n"), let port = Int(line.drop { $0 != ":" }.dropFirst())
      {
        return port
      }
      usleep(10_000)
    }
    throw Misbehaving.Failure()
  }

  deinit {
    // What a test's thread starts has most signals blocked.
    for server in servers { kill(server, SIGKILL) }
    _ = try? shell("rm -r \(folder)")
  }
}
