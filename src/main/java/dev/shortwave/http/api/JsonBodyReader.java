package dev.shortwave.http.api;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonStreamContext;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import dev.shortwave.error.Problem;
import dev.shortwave.error.TextRules;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;
import io.vertx.core.json.jackson.JacksonCodec;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/**
 * Reads a body as a JSON object and says what is wrong where it is none. Stricter than the JSON of Vert.x: the text is
 * UTF-8 and no name repeats, because programs disagree which of two values counts.
 */
final class JsonBodyReader {

    private static final int MAX_SHOWN_NAME_LENGTH = 64;

    private JsonBodyReader() {}

    /** The fields of the object. Throws {@link dev.shortwave.error.ProblemException}. */
    static JsonBody read(Buffer body) {
        String text = text(body);
        if (text.isBlank()) {
            throw Problem.badRequest("the body is missing").asException();
        }
        JsonParser parser = JacksonCodec.createParser(text).enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION);
        Object value;
        try {
            value = JacksonCodec.fromParser(parser, Object.class);
        } catch (DecodeException e) {
            throw problem(e, parser).asException();
        }
        if (value instanceof JsonObject object) {
            return new JsonBody(object);
        }
        throw Problem.badRequest("the body must be a JSON object").asException();
    }

    /** A byte order mark is no part of the text, but some programs write one. */
    private static String text(Buffer body) {
        byte[] bytes = body.getBytes();
        try {
            // UTF-16 and UTF-32 without a mark are told by their zeros, which JSON has none of.
            if (bytes[0] != 0 && (bytes.length == 1 || bytes[1] != 0)) {
                String text = StandardCharsets.UTF_8
                        .newDecoder()
                        .decode(ByteBuffer.wrap(bytes))
                        .toString();
                return text.startsWith("\ufeff") ? text.substring(1) : text;
            }
        } catch (CharacterCodingException e) {
            // Falls through to the one answer for all other encodings.
        }
        throw Problem.badRequest("the body must be UTF-8").asException();
    }

    private static Problem problem(DecodeException e, JsonParser parser) {
        if (e.getCause() instanceof StreamConstraintsException) {
            return Problem.badRequest("the body nests too deeply, or has a number or a name that is too long");
        }
        if (String.valueOf(e.getMessage()).startsWith("Duplicate field")) {
            return repeated(parser.getParsingContext());
        }
        return Problem.badRequest("the body is not valid JSON");
    }

    private static Problem repeated(JsonStreamContext context) {
        String name = context.getCurrentName();
        JsonStreamContext top = context;
        while (top.getParent() != null && !top.getParent().inRoot()) {
            top = top.getParent();
        }
        String field = top.getCurrentName();
        if (name == null || field == null || !isShown(name) || !isShown(field)) {
            return Problem.badRequest("the body has a name more than once");
        }
        String where = top == context ? field : name + " in " + field;
        return Problem.badField(field, where + " is given more than once");
    }

    private static boolean isShown(String name) {
        return name.length() <= MAX_SHOWN_NAME_LENGTH && TextRules.isStorable(name);
    }
}
