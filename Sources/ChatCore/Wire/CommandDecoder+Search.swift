// SPDX-License-Identifier: MIT

// The command `search`.
extension CommandDecoder {
    func search(_ fields: borrowing CommandFields) throws(WireError) -> Command {
        guard fields.value(.room) != nil else { return .search(try searchRequest(fields)) }
        let room = try room(fields)
        return .room(room, .search(try searchRequest(fields)))
    }

    private func searchRequest(
        _ fields: borrowing CommandFields
    ) throws(WireError) -> SearchRequest {
        var request = SearchRequest(pattern: try pattern(fields))
        if fields.value(.user) != nil { request.sender = try user(fields) }
        request.after = try time(.after, fields)
        request.before = try time(.before, fields)
        request.order = try order(fields)
        request.offset = try count(.offset, fields) ?? 0
        guard request.offset <= limits.searchOffset else {
            throw invalid(.offset, "at most \(limits.searchOffset): narrow the search by time")
        }
        request.limit = try limit(fields, limits.searchPageDefault, limits.searchPage)
        return request
    }

    private func pattern(_ fields: borrowing CommandFields) throws(WireError) -> SearchPattern {
        let text = try requiredString(.text, fields)
        // The bytes first: a scalar has at most four.
        guard text.utf8.count <= 4 * limits.searchScalars,
            text.unicodeScalars.count <= limits.searchScalars
        else { throw invalid(.text, "at most \(limits.searchScalars) characters") }
        guard let pattern = SearchPattern(text) else {
            throw invalid(.text, "at least one word or number")
        }
        guard pattern.wordCount <= limits.searchWords else {
            throw invalid(.text, "at most \(limits.searchWords) words")
        }
        return pattern
    }

    private func order(_ fields: borrowing CommandFields) throws(WireError) -> SearchRequest.Order {
        guard let name = try string(.order, fields) else { return .newest }
        guard let order = SearchRequest.Order.allCases.first(where: { $0.name == name }) else {
            throw invalid(.order, "newest or relevance")
        }
        return order
    }
}
