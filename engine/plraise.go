package engine

import (
	"strings"

	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/plpgsql"
	"github.com/streamsqld/streamsqld/sql/types"
)

// raise runs RAISE (exec_stmt_raise).
func (a *plRun) raise(st *plpgsql.Raise) error {
	if st.Again {
		if a.handled == nil {
			return pgerr.New(pgerr.StackedDiagnosticsAccessedWithoutActiveHandler, "RAISE without parameters cannot be used outside an exception handler")
		}
		a.marked = a.handled
		return a.handled
	}
	e := &pgerr.Error{}
	if st.Condition != "" {
		e.Code, e.Message = pgerr.Code(st.Condition), st.Condition
		if codes := plpgsql.Condition(st.Condition); codes != nil {
			e.Code = pgerr.Code(codes[0])
		}
	}
	if st.HasFormat {
		text, err := a.format(st)
		if err != nil {
			return err
		}
		e.Message = text
	}
	if err := a.raiseOptions(st, e); err != nil {
		return err
	}
	if e.Code == "" && st.Level == "exception" {
		e.Code = pgerr.RaiseException
	}
	if e.Message == "" && !st.HasFormat {
		e.Message = string(e.Code)
	}
	if st.Level == "exception" {
		return e
	}
	e.Severity = map[string]pgerr.Severity{"warning": pgerr.SevWarning, "notice": pgerr.SevNotice, "info": pgerr.SevInfo, "log": pgerr.SevLog, "debug": pgerr.SevDebug}[st.Level]
	if e.Code == "" {
		e.Code = pgerr.SuccessfulCompletion
		if st.Level == "warning" {
			e.Code = pgerr.WarningCode
		}
	}
	e.Where = a.where(st)
	a.s.plContext(e)
	a.s.notice(e)
	return nil
}

// format fills the places of RAISE's format.
func (a *plRun) format(st *plpgsql.Raise) (string, error) {
	var b strings.Builder
	n := 0
	for i := 0; i < len(st.Format); i++ {
		switch {
		case st.Format[i] != '%':
			b.WriteByte(st.Format[i])
		case i+1 < len(st.Format) && st.Format[i+1] == '%':
			b.WriteByte('%')
			i++
		default:
			text, ok, err := a.evalText(st.Args[n])
			if err != nil {
				return "", err
			}
			if !ok {
				text = "<NULL>"
			}
			b.WriteString(text)
			n++
		}
	}
	return b.String(), nil
}

// raiseOptions evaluates USING.
func (a *plRun) raiseOptions(st *plpgsql.Raise, e *pgerr.Error) error {
	seen := map[string]bool{"message": st.HasFormat, "errcode": st.Condition != ""}
	for _, o := range st.Options {
		text, ok, err := a.evalText(o.Value)
		if err != nil {
			return err
		}
		if !ok {
			return pgerr.New(pgerr.NullValueNotAllowed, "RAISE statement option cannot be null")
		}
		if seen[o.Name] {
			return pgerr.New(pgerr.SyntaxError, "RAISE option already specified: %s", strings.ToUpper(o.Name))
		}
		seen[o.Name] = true
		switch o.Name {
		case "errcode":
			if e.Code, err = conditionCode(text); err != nil {
				return err
			}
			if e.Message == "" && !st.HasFormat {
				e.Message = text
			}
		case "message":
			e.Message = text
		case "detail":
			e.Detail = text
		case "hint":
			e.Hint = text
		case "column":
			e.Column = text
		case "constraint":
			e.Constraint = text
		case "datatype":
			e.DataType = text
		case "table":
			e.Table = text
		case "schema":
			e.Schema = text
		}
	}
	return nil
}

// conditionCode is the SQLSTATE that a text names.
func conditionCode(text string) (pgerr.Code, error) {
	if len(text) == 5 && strings.Trim(text, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ") == "" {
		return pgerr.Code(text), nil
	}
	if codes := plpgsql.Condition(text); codes != nil {
		return pgerr.Code(codes[0]), nil
	}
	return "", pgerr.New(pgerr.UndefinedObject, "unrecognized exception condition \"%s\"", text)
}

// assert runs ASSERT.
func (a *plRun) assert(st *plpgsql.Assert) error {
	if v, ok := a.s.settings.Lookup("plpgsql.check_asserts"); ok && v == "off" {
		return nil
	}
	ok, err := a.evalBool(st.Cond)
	if err != nil || ok {
		return err
	}
	text := "assertion failed"
	if st.Message != nil {
		s, ok, err := a.evalText(st.Message)
		if err != nil {
			return err
		}
		if ok {
			text = s
		}
	}
	return pgerr.New(pgerr.AssertFailure, "%s", text)
}

// diagnostics runs GET DIAGNOSTICS.
func (a *plRun) diagnostics(st *plpgsql.Diagnostics) error {
	e := a.handled
	if st.Stacked && e == nil {
		return pgerr.New(pgerr.StackedDiagnosticsAccessedWithoutActiveHandler, "GET STACKED DIAGNOSTICS cannot be used outside an exception handler")
	}
	for i := range st.Items {
		it := &st.Items[i]
		var d types.Datum
		t := types.TText
		switch it.Name {
		case "row_count":
			d, t = types.NewInt(a.rowCount), types.TInt8
		case "pg_context":
			c := &pgerr.Error{Where: a.where(st)}
			a.s.plContext(c)
			d = types.NewString(c.Where)
		default:
			d = types.NewString(diagnostic(e, it.Name))
		}
		if err := a.assign(&it.To, d, t); err != nil {
			return err
		}
	}
	return nil
}

// diagnostic is a part of an error.
func diagnostic(e *pgerr.Error, name string) string {
	switch name {
	case "returned_sqlstate":
		return string(e.Code)
	case "message_text":
		return e.Message
	case "pg_exception_detail":
		return e.Detail
	case "pg_exception_hint":
		return e.Hint
	case "pg_exception_context":
		return e.Where
	case "column_name":
		return e.Column
	case "constraint_name":
		return e.Constraint
	case "pg_datatype_name":
		return e.DataType
	case "table_name":
		return e.Table
	}
	return e.Schema
}

// plContext adds the functions around to a notice's context.
func (s *Session) plContext(e *pgerr.Error) {
	for i := len(s.plStack) - 2; i >= 0; i-- {
		if at := s.plStack[i]; at.now != nil {
			e.Where = joinLines(e.Where, at.where(at.now))
		}
	}
}
