// SPDX-License-Identifier: MIT

public import ChatCore
public import ChatTransportWS

/// The engine over HTTP: accounts, rooms, members, messages, search, as routes of a ``WebSocketTransport``.
///
/// Every call is a command of the protocol and gets its answer; `docs/http.md` and `docs/openapi.json` list them.
///
/// ```swift
/// let api = ChatAPI(engine)
/// var configuration = WebSocketTransport.Configuration(routes: api.routes)
/// configuration.refusal = ChatAPI.refusal
/// try await engine.serve(WebSocketTransport(port: 8080, configuration: configuration))
/// ```
public struct ChatAPI: Sendable {
    /// Weak: the engine owns the transports that own the routes.
    private weak let engine: ChatEngine?
    private let prefix: String

    /// Makes the API of an engine.
    ///
    /// - Parameters:
    ///   - engine: whose users and rooms.
    ///   - prefix: of all paths, without a slash at its end.
    public init(_ engine: ChatEngine, prefix: String = "/api") {
        self.engine = engine
        self.prefix = prefix
    }

    /// The routes.
    public var routes: [HTTPRoute] {
        let maximumBytes = engine?.configuration.limits.frameBytes
        return Endpoint.all.map { endpoint in
            HTTPRoute(endpoint.method, prefix + endpoint.path, bodyBytes: maximumBytes) { call in
                HTTPAnswer(await answer(call, to: endpoint))
            }
        }
    }

    /// What a request gets that breaks the rules of HTTP or that no route answers: the same shape as every refusal.
    public static let refusal: @Sendable (HTTPStatus) -> HTTPResponse = { status in
        APIError(status).response(at: SystemClock().wallTime())
    }

    private func answer(_ call: HTTPCall, to endpoint: Endpoint) async -> HTTPResponse {
        guard let engine else { return Self.refusal(.unavailable) }
        let (configuration, request) = (engine.configuration, call.request)
        do throws(APIError) {
            let source = try Self.source(request, endpoint.access)
            let content =
                endpoint.takesBody ? try await Self.content(call, configuration.limits) : []
            let value = { (name: String) in request.queryValue(of: name) }
            try endpoint.check(query: request.query, value)
            let page = try endpoint.page(value, configuration.limits)
            let command = try endpoint.command(
                call.parameters, query: value, content: content, page: page,
                limits: configuration.limits)
            let peer = PeerInfo(address: call.peerAddress, transport: "http")
            let answer = await engine.run(command, by: source, from: peer)
            return try APIResponse.make(answer, to: endpoint, page: page, prefix: prefix)
        } catch {
            return error.response(at: configuration.clock.wallTime())
        }
    }

    /// Who asks. Tokens come in a field only: paths and queries end up in logs.
    private static func source(
        _ request: HTTPRequest, _ access: Endpoint.Access
    ) throws(APIError) -> CommandSource {
        guard access == .token else { return .nobody }
        let values = request.values(of: "authorization")
        if values.isEmpty { throw APIError(.unauthorized) }
        let parts = values[0].split(separator: " ", omittingEmptySubsequences: true)
        guard values.count == 1, parts.count == 2, parts[0].lowercased() == "bearer" else {
            throw APIError(
                WireError(
                    .invalidToken, "the Authorization field must be: Bearer and a token",
                    field: "token"))
        }
        return .token(String(parts[1]))
    }

    private static func content(
        _ call: HTTPCall, _ limits: Limits
    ) async throws(APIError) -> [UInt8] {
        let bytes: [UInt8]
        do throws(HTTPBody.Failure) {
            bytes = try await call.body.collect(upTo: limits.frameBytes)
        } catch {
            switch error {
            case .tooLarge: throw APIError(.contentTooLarge)
            case .timedOut: throw APIError(.requestTimeout)
            case .disconnected: throw APIError(.badRequest)
            }
        }
        let type = call.request.value(of: "content-type") ?? ""
        guard bytes.isEmpty || isJSON(type) else { throw APIError(.unsupportedMediaType) }
        return bytes
    }

    /// Forms and plain text are what a page of another origin may send without asking first.
    static func isJSON(_ contentType: String) -> Bool {
        let parts = contentType.lowercased().split(separator: ";").map {
            String(
                $0.drop { $0 == " " || $0 == "\t" }.reversed().drop { $0 == " " || $0 == "\t" }
                    .reversed())
        }
        guard parts.first == "application/json" else { return false }
        return parts.dropFirst().allSatisfy {
            !$0.hasPrefix("charset=") || ["charset=utf-8", "charset=\"utf-8\""].contains($0)
        }
    }
}
