// SPDX-License-Identifier: MIT

/// A path with parameters: `/api/rooms/{room}/messages`.
///
/// A parameter takes one segment that is not empty; a pattern without any is an exact path.
public struct HTTPPattern: Sendable, Equatable {
    private enum Segment: Sendable, Equatable {
        case text(String)
        case parameter(String)
    }

    /// As it was written.
    public let text: String
    private let segments: [Segment]

    /// Makes a pattern that begins with a slash.
    public init(_ text: String) {
        self.text = text
        segments = Self.split(text).map { segment in
            guard segment.hasPrefix("{"), segment.hasSuffix("}"), segment.count > 2 else {
                return .text(segment)
            }
            return .parameter(String(segment.dropFirst().dropLast()))
        }
    }

    /// The values of the parameters if the decoded `path` is of this shape.
    ///
    /// - Complexity: O(length of the path).
    public func match(_ path: String) -> [String: String]? {
        let parts = Self.split(path)
        guard parts.count == segments.count else { return nil }
        var values: [String: String] = [:]
        for (segment, part) in zip(segments, parts) {
            switch segment {
            case .text(let text): if text != part { return nil }
            case .parameter(let name):
                if part.isEmpty { return nil }
                values[name] = part
            }
        }
        return values
    }

    // An encoded slash was refused when the path was decoded: each slash is a border.
    private static func split(_ path: String) -> [String] {
        path.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
    }
}

/// Which route answers a request. A value, looked through in order.
package struct HTTPRouter: Sendable {
    /// What the routes make of a request.
    package enum Choice: Sendable {
        case route(HTTPRoute, parameters: [String: String])
        /// No route has that path.
        case unknownPath
        /// The path is there for these methods only.
        case otherMethods([String])
    }

    private let routes: [HTTPRoute]

    package init(_ routes: [HTTPRoute]) { self.routes = routes }

    /// Chooses by path, then by method; a HEAD goes to the GET of its path.
    ///
    /// - Complexity: O(routes) comparisons of paths.
    package func choose(method: String, path: String) -> Choice {
        var methods: [String] = []
        for route in routes {
            guard let parameters = route.pattern.match(path) else { continue }
            if route.method == method || (method == "HEAD" && route.method == "GET") {
                return .route(route, parameters: parameters)
            }
            methods.append(route.method)
            if route.method == "GET" { methods.append("HEAD") }
        }
        return methods.isEmpty ? .unknownPath : .otherMethods(methods)
    }
}
