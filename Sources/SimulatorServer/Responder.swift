internal import Glibc
import HTTPTypes
import HummingbirdCore
import NIOCore
import NIOSSL
import Simulator

/// Answers one request after the other, and lets the answers come to harm where faults want it.
struct Responder: Sendable {
  private let simulator: Simulator

  /// No request to a Command Center is larger.
  private static let bodyLimit = 64 << 20

  init(_ simulator: Simulator) { self.simulator = simulator }

  /// - Throws: to have the connection closed.
  @concurrent func respond(
    to request: Request, _ writer: consuming ResponseWriter, on channel: any Channel
  ) async throws {
    let body: ByteBuffer
    do {
      body = try await request.body.collect(upTo: Self.bodyLimit)
    } catch is NIOTooManyBytesError {
      try await writer.writeResponse(Self.head(.contentTooLarge, length: 0))
      throw Gone()
    }
    if request.uri.path == "/simulator/state" {
      let view = simulator.view.encoded()
      var head = Self.head(.ok, length: view.count)
      head.headerFields[.contentType] = "application/json"
      try await writer.write(response: head, body: ResponseBody(byteBuffer: ByteBuffer(bytes: view)))
      return
    }
    let reply = simulator.reply(to: request.head, body: Array(body.readableBytesView))
    var head = reply.response
    head.headerFields[.contentLength] = String(reply.body.count)
    switch reply.delivery {
    case .whole:
      try await writer.write(response: head, body: ResponseBody(byteBuffer: ByteBuffer(bytes: reply.body)))
    case .closed: throw Gone()
    case .reset:
      try await Self.reset(channel)
      throw Gone()
    case .half:
      var sent = try await writer.writeHead(head)
      try await sent.write(ByteBuffer(bytes: reply.body.prefix(reply.body.count / 2)))
      throw Gone()
    case .slow(let duration):
      var sent = try await writer.writeHead(head)
      let pause = duration / max(1, reply.body.count)
      for byte in reply.body {
        try await Task.sleep(for: pause)
        try await sent.write(ByteBuffer(bytes: CollectionOfOne(byte)))
      }
      try await sent.finish(nil)
    }
  }

  private static func head(_ status: HTTPResponse.Status, length: Int) -> HTTPResponse {
    HTTPResponse(status: status, headerFields: [.contentLength: String(length)])
  }

  /// Closes the connection so that the other side sees a reset, without a goodbye of TLS.
  private static func reset(_ channel: any Channel) async throws {
    if let socket = channel as? any SocketOptionProvider {
      try await socket.setSoLinger(linger(l_onoff: 1, l_linger: 0)).get()
    }
    try await channel.eventLoop.submit {
      let pipeline = channel.pipeline.syncOperations
      if let tls = try? pipeline.context(handlerType: NIOSSLServerHandler.self) {
        tls.close(promise: nil)
      } else {
        channel.close(promise: nil)
      }
    }.get()
  }

  /// Ends a connection without another word.
  private struct Gone: Error {}
}
