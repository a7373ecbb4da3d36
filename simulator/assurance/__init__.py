"""The assurance pack: the record that an assurer asks for, generated from the model and from checks that run."""
