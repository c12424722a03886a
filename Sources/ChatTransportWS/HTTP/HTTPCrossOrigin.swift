// SPDX-License-Identifier: MIT

/// Which pages of other origins may use the routes of a ``WebSocketTransport`` (CORS, the Fetch
/// standard's section on it).
///
/// Tokens travel in a field and not in cookies, so credentials are never allowed.
public struct HTTPCrossOrigin: Sendable, Equatable {
    /// Whose pages.
    public enum Origins: Sendable, Equatable {
        /// No other's.
        case none
        /// Everybody's.
        case any
        /// These: scheme, host and port as browsers send them, for example `https://example.org`.
        case these([String])
    }

    /// Whose pages may ask.
    public var origins: Origins
    /// What they may send along.
    public var requestFields: [String]
    /// What they may see of an answer.
    public var responseFields: [String]
    /// How long a browser may remember it, in seconds.
    public var lifetimeSeconds: Int

    /// Makes a policy.
    public init(
        _ origins: Origins = .none,
        requestFields: [String] = ["Authorization", "Content-Type", "Range"],
        responseFields: [String] = ["Content-Range", "ETag", "Retry-After"],
        lifetimeSeconds: Int = 600
    ) {
        self.origins = origins
        self.requestFields = requestFields
        self.responseFields = responseFields
        self.lifetimeSeconds = lifetimeSeconds
    }

    /// The fields that an answer to `request` gets.
    func fields(for request: HTTPRequest) -> [HTTPResponse.Field] {
        guard origins != .none else { return [] }
        // The answer depends on who asks, also for a cache that keeps one without origin.
        let vary = HTTPResponse.Field("Vary", "Origin")
        guard let origin = request.value(of: "origin"), allows(origin) else { return [vary] }
        return [
            vary, .init("Access-Control-Allow-Origin", origins == .any ? "*" : origin),
            .init("Access-Control-Expose-Headers", responseFields.joined(separator: ", ")),
        ]
    }

    /// The answer to OPTIONS on a path that has these methods.
    func preflight(_ request: HTTPRequest, methods: [String]) -> HTTPResponse {
        let allowed = (methods + ["OPTIONS"]).joined(separator: ", ")
        var fields = fields(for: request) + [.init("Allow", allowed)]
        if fields.contains(where: { $0.name == "Access-Control-Allow-Origin" }) {
            fields += [
                .init("Access-Control-Allow-Methods", methods.joined(separator: ", ")),
                .init("Access-Control-Allow-Headers", requestFields.joined(separator: ", ")),
                .init("Access-Control-Max-Age", String(lifetimeSeconds)),
            ]
        }
        return HTTPResponse(.noContent, fields: fields)
    }

    private func allows(_ origin: String) -> Bool {
        switch origins {
        case .none: false
        case .any: true
        case .these(let list): list.contains { $0.lowercased() == origin.lowercased() }
        }
    }
}
